/**
 * A pool with so many workers whose tasks wait for 10 ms each: `node run-workers.mjs FILE WORKERS SECONDS`. Keeps all workers at it and prints
 * tasks/s and the CPU time of this very process for each task. Each result is checked.
 */
import { rounds } from './rounds.mjs';

/**
 * For pools that do not say when all of their workers are there. Not much longer: V8 collects the garbage of a process 8 s after its start, which takes 64 of
 * them a second of both CPUs.
 */
const BOOT_MS = 30;
const [file, workers, seconds] = process.argv.slice(2);
const { start } = await import(file);
const run = await start(Number(workers));
const times = { warmUpMs: 500 + BOOT_MS * Number(workers), ms: Number(seconds) * 1000 };
console.log(JSON.stringify(await rounds((number) => run('rest', number), Number(workers) * 2, times)));
process.exit(0);
