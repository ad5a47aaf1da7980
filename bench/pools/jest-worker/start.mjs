import { fileURLToPath } from 'node:url';
import { Worker } from 'jest-worker';

export function startJestWorker(workers, enableWorkerThreads) {
  const pool = new Worker(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
    exposedMethods: ['next', 'stamp', 'total'],
    numWorkers: workers,
    enableWorkerThreads,
  });
  return { run: (name, argument) => pool[name](argument), end: () => pool.end() };
}
