/** workerpool: as many processes as there are CPUs, which clone values as V8 does: in its default, JSON, bytes are objects of numbers. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { listenFor } from './in-front.mjs';

const pool = workerpool.pool(fileURLToPath(new URL('workerpool-worker.mjs', import.meta.url)), {
  workerType: 'process',
  minWorkers: 'max',
  maxWorkers: availableParallelism(),
  forkOpts: { serialization: 'advanced' },
});

listenFor((task) => pool.exec('answer', [task]));
