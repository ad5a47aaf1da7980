import { PreforkError } from '../errors/prefork-error.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/**
 * @param ref a pid, or `w` and the id of a worker
 * @throws PreforkError ERR_NO_SUCH_WORKER
 */
export function findWorker(workers: Iterable<SupervisedWorker>, ref: string): SupervisedWorker {
  const [, isId, number] = /^(w?)(\d{1,15})$/.exec(ref) ?? [];
  if (number === undefined)
    throw new PreforkError(
      'ERR_NO_SUCH_WORKER',
      `found ${JSON.stringify(ref.slice(0, 40))}, expected the pid of a worker, or w and its id, such as w12`,
    );
  const found = [...workers].filter(({ id, pid }) => (isId === 'w' ? id : pid) === Number(number));
  const [worker] = found;
  if (worker === undefined)
    throw new PreforkError(
      'ERR_NO_SUCH_WORKER',
      isId === 'w'
        ? `no worker has the id ${ref}: it is gone, or never was; prefork ps lists those that are there`
        : `no worker has the pid ${ref}: it is gone, or never was; prefork ps lists those that are there`,
    );
  if (found.length > 1)
    throw new PreforkError(
      'ERR_NO_SUCH_WORKER',
      `${found.length} workers are threads of process ${ref}: name one by its id, such as w${worker.id}`,
    );
  return worker;
}
