/** workerpool: processes. */
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';

export async function start(workers) {
  const pool = workerpool.pool(fileURLToPath(new URL('workerpool-worker.mjs', import.meta.url)), {
    workerType: 'process',
    minWorkers: workers,
    maxWorkers: workers,
  });
  return { run: (ms) => pool.exec('rest', [ms]) };
}
