/** jest-worker: as many processes as there are CPUs. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'jest-worker';
import { listen } from '../listen.mjs';

const pool = new Worker(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
  exposedMethods: ['decide'],
  numWorkers: availableParallelism(),
});

listen((number) => pool.decide(number));
