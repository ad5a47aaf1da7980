/** piscina: as many threads as there are CPUs. */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { listen } from '../listen.mjs';

const threads = availableParallelism();
const pool = new Piscina({
  filename: new URL('worker.mjs', import.meta.url).href,
  minThreads: threads,
  maxThreads: threads,
});

listen((number) => pool.run(number));
