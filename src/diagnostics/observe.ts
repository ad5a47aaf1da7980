import type { Observation } from '../channel/observation.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/** What of a worker is needed to look into it. */
export type Observable = Pick<SupervisedWorker, 'id' | 'pid' | 'kind' | 'observe'>;

/**
 * Asks a worker for what it does, and hands the answer out piece by piece, no faster than it is taken. When the signal aborts, or the
 * loop over it is left, the worker is told to stop.
 *
 * @throws PreforkError ERR_OBSERVE, with why the answer is none or not complete, as soon as that is known; the reason of the signal
 */
export async function* observe(worker: Observable, observation: Observation, signal: AbortSignal): AsyncGenerator<Buffer> {
  signal.throwIfAborted();
  const pieces: Buffer[] = [];
  let ended: string | undefined;
  let wake = (): void => {};
  const open = worker.observe(observation, {
    onBytes(bytes) {
      pieces.push(bytes);
      wake();
    },
    onEnd(error) {
      ended = error;
      wake();
    },
  });
  const aborted = (): void => wake();
  signal.addEventListener('abort', aborted, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const piece = pieces.shift();
      if (piece !== undefined) {
        yield piece;
        open.consume(piece.length);
      } else if (ended === '') return;
      else if (ended !== undefined) throw refusal(worker, ended);
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal.removeEventListener('abort', aborted);
    if (ended === undefined) open.end();
  }
}

/**
 * The whole answer at once.
 *
 * @param mostBytes what comes after so many is refused
 */
export async function observeWhole(
  worker: Observable,
  observation: Observation,
  signal: AbortSignal,
  mostBytes: number,
): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of observe(worker, observation, signal)) {
    length += piece.length;
    if (length > mostBytes) throw refusal(worker, `its answer has more than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

export function refusal(worker: Observable, why: string): PreforkError {
  const name = worker.kind === 'thread' ? `thread w${worker.id}` : `worker w${worker.id} (pid ${worker.pid})`;
  return new PreforkError('ERR_OBSERVE', `${name} can not be looked into: ${why}`);
}
