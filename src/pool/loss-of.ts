import { PreforkError } from '../errors/prefork-error.ts';
import { workerLost } from '../modes/task-errors.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/**
 * What the caller is told of a call that is lost. What a worker printed before it died by itself mostly says why: an exception that nobody caught, or memory
 * that was not enough.
 *
 * @param worker that had it; undefined where it never got there
 */
export function lossOf(worker: SupervisedWorker | undefined): PreforkError {
  if (worker === undefined)
    return new PreforkError('ERR_WORKER_DIED', 'the worker did not answer, and was ended before it began the call');
  const { life, lastWords } = worker;
  const { code, message } = workerLost(life, undefined);
  const isCrash = life.phase === 'gone' && ['exited', 'signalled', 'outOfMemory'].includes(life.end.kind);
  return new PreforkError(code, message, isCrash && lastWords.length > 0 ? { cause: lastWords.join('\n') } : {});
}
