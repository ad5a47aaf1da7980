import type { RemoteError } from '../channel/messages.ts';

/** A stack longer than this tells nothing more; the frame limit of the channel must hold in any case. */
const LONGEST_CHARACTERS = 16 * 1024;

/** What can be said across a process boundary about a thrown value. User code throws anything, and getters throw too. */
export function toRemoteError(thrown: unknown): RemoteError {
  try {
    if (thrown instanceof Error) {
      return { name: cut(thrown.name), message: cut(thrown.message), stack: cut(stackWithCauses(thrown)) };
    }
    return { name: 'Error', message: cut(String(thrown)), stack: '' };
  } catch {
    return { name: 'Error', message: 'a value that can not be shown was thrown', stack: '' };
  }
}

function stackWithCauses(error: Error): string {
  const parts = [String(error.stack)];
  let cause = error.cause;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    parts.push(`caused by ${String(cause.stack)}`);
    cause = cause.cause;
  }
  return parts.join('\n');
}

function cut(value: unknown): string {
  return String(value).slice(0, LONGEST_CHARACTERS);
}
