import { setTimeout as delay } from 'node:timers/promises';
import type { InspectedThread } from '../channel/observation.ts';

/**
 * An answer of a thread, if it comes in time. What was asked stays asked: the thread does it when it gets to it.
 *
 * @throws Error that says where the thread is instead, or the reason of the signal
 */
export async function within<T>(answer: Promise<T>, ms: number, thread: InspectedThread, signal: AbortSignal): Promise<T> {
  const stop = new AbortController();
  const ended = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', ended, { once: true });
  if (signal.aborted) ended();
  try {
    return await Promise.race([
      answer,
      delay(ms, undefined, { signal: stop.signal }).then(() => {
        throw new Error(`it did not answer for ${ms / 1000} s: ${whereItIs(thread)}`);
      }),
    ]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', ended);
    answer.catch(() => {});
    stop.abort();
  }
}

function whereItIs(thread: InspectedThread): string {
  const facts = thread.facts();
  if (facts === undefined) return 'it is in native code or in a synchronous call';
  const { state, systemCall, waitChannel } = facts;
  if (state === 'R') return 'it computes in native code, or gets no CPU';
  return `it is in ${systemCall ?? 'a synchronous call'}${waitChannel === null ? '' : ` (${waitChannel})`}`;
}
