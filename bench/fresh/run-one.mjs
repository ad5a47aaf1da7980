/**
 * One way to have a process for each task: `node run-one.mjs FILE SECONDS RATE`. First tasks at a fixed rate, from their planned times; then two
 * at a time, as fast as they go. Prints what it measured as JSON. Each result is checked, and that no process served twice.
 */
import { setTimeout as wait } from 'node:timers/promises';

const [file, ...numbers] = process.argv.slice(2);
const [seconds, rate] = numbers.map(Number);
const { start, isShared = false } = await import(file);
const pool = await start();
const pids = new Set();
let count = 0;

async function one(sinceMs) {
  count += 1;
  const number = count;
  const result = await pool.run(number);
  if (result.number !== number + 1) throw new Error(`task ${number} has a wrong result: ${JSON.stringify(result)}`);
  if (!isShared && pids.has(result.pid)) throw new Error(`process ${result.pid} served twice`);
  pids.add(result.pid);
  return performance.now() - sinceMs;
}

await one(performance.now());
await one(performance.now());
// Whatever is booted ahead is there.
await wait(500);

const sent = [];
const beganMs = performance.now();
for (let index = 0; index < rate * seconds * 1.5; index += 1) {
  const dueMs = beganMs + (index * 1000) / rate;
  await wait(Math.max(0, dueMs - performance.now()));
  sent.push(one(Math.min(dueMs, performance.now())));
}
const latenciesMs = (await Promise.all(sent)).toSorted((a, b) => a - b);

let done = 0;
const sinceMs = performance.now();
const keepGoing = async () => {
  while (performance.now() - sinceMs < seconds * 1000) {
    await one(performance.now());
    done += 1;
  }
};
await Promise.all([keepGoing(), keepGoing()]);
const perSecond = (done * 1000) / (performance.now() - sinceMs);

const at = (percent) => latenciesMs[Math.max(0, Math.ceil((percent / 100) * latenciesMs.length) - 1)];
console.log(JSON.stringify({ p50Ms: at(50), p99Ms: at(99), perSecond }));
process.exit(0);
