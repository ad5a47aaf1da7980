/** jest-worker: processes that end after each task, as they always hold more than no memory. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'jest-worker';

export async function start() {
  const pool = new Worker(fileURLToPath(new URL('work.mjs', import.meta.url)), {
    exposedMethods: ['next'],
    numWorkers: 2,
    idleMemoryLimit: 0,
  });
  return { run: (number) => pool.next(number) };
}
