/** piscina: as many threads as there are CPUs, several tasks in each, which is its fastest setting; large memory is moved both ways. */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { listenFor } from './in-front.mjs';

const threads = availableParallelism();
const pool = new Piscina({
  filename: new URL('piscina-worker.mjs', import.meta.url).href,
  minThreads: threads,
  maxThreads: threads,
  concurrentTasksPerWorker: 32,
});

listenFor((task) => pool.run(task, task.body === null ? {} : { transferList: [task.body.buffer] }));
