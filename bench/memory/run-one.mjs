/**
 * One pool that idles: `node run-one.mjs FILE WORKERS`. Says "begun" before there is a pool, waits for a line, says "idle" when all workers have
 * done a task and rested for half a second, and waits to be ended.
 */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

const [file, count] = process.argv.slice(2);
const workers = Number(count);
const REST_MS = 300;
const { start } = await import(file);
console.log('begun');
await once(process.stdin, 'data');
const pool = await start(workers);
// More than once: a pool may give a task to a worker that has had one.
for (let turn = 0; turn < 2; turn += 1) await Promise.all(Array.from({ length: workers }, () => pool.run(REST_MS)));
await wait(500);
console.log('idle');
setInterval(() => {}, 1e6);
