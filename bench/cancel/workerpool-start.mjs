import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';

/** Its promises are cancelled by a method. */
export function startWorkerpool(workerType) {
  const pool = workerpool.pool(fileURLToPath(new URL('workerpool-worker.mjs', import.meta.url)), {
    workerType,
    minWorkers: 2,
    maxWorkers: 2,
  });
  return {
    begin(name, argument) {
      const promise = pool.exec(name, [argument]);
      return { promise, abort: () => promise.cancel() };
    },
  };
}
