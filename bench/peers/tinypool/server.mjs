/** tinypool: as many processes as there are CPUs. */
import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { listen } from '../listen.mjs';

const processes = availableParallelism();
const pool = new Tinypool({
  filename: new URL('worker.mjs', import.meta.url).href,
  runtime: 'child_process',
  minThreads: processes,
  maxThreads: processes,
});

listen((number) => pool.run(number));
