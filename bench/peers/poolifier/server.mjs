/** poolifier: its cluster pool, as many processes as there are CPUs. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FixedClusterPool } from 'poolifier';
import { listen } from '../listen.mjs';

const pool = new FixedClusterPool(availableParallelism(), fileURLToPath(new URL('worker.cjs', import.meta.url)));

listen((number) => pool.execute(number));
