/** workerpool: as many processes as there are CPUs. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { listen } from '../listen.mjs';

const pool = workerpool.pool(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
  workerType: 'process',
  minWorkers: 'max',
  maxWorkers: availableParallelism(),
});

listen((number) => pool.exec('decide', [number]));
