/**
 * One pool and one kind of task, in a process of its own: `node run-one.mjs FILE TASK IN_FLIGHT SECONDS WORKERS`. Prints what it measured as JSON.
 */
import { TASKS } from './work.mjs';

const [file, taskName, ...numbers] = process.argv.slice(2);
const [inFlight, seconds, workers] = numbers.map(Number);
const { make, isRight } = TASKS[taskName];
const { start } = await import(file);
const pool = await start(workers);
let next = 0;

/** So many tasks at a time for a while; each result is checked. */
async function drive(durationMs, latenciesMs) {
  const beganMs = performance.now();
  const endMs = beganMs + durationMs;
  let done = 0;
  const keepGoing = async () => {
    for (let nowMs = performance.now(); nowMs < endMs;) {
      next += 1;
      const number = next;
      const result = await pool.run(taskName, make(number));
      if (!isRight(result, number)) throw new Error(`task ${number} has a wrong result: ${JSON.stringify(result).slice(0, 200)}`);
      const thenMs = performance.now();
      latenciesMs?.push(thenMs - nowMs);
      nowMs = thenMs;
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, keepGoing));
  return { done, ms: performance.now() - beganMs };
}

await drive(Math.min(1000, seconds * 500));
const rssBefore = process.memoryUsage.rss();
let mostRss = rssBefore;
const watch = setInterval(() => {
  mostRss = Math.max(mostRss, process.memoryUsage.rss());
}, 50);
const latenciesMs = [];
const before = process.cpuUsage();
const { done, ms } = await drive(seconds * 1000, latenciesMs);
const { user, system } = process.cpuUsage(before);
clearInterval(watch);
latenciesMs.sort((a, b) => a - b);
const at = (percent) => latenciesMs[Math.max(0, Math.ceil((percent / 100) * latenciesMs.length) - 1)];
console.log(
  JSON.stringify({
    perSecond: (done / ms) * 1000,
    p50Ms: at(50),
    p99Ms: at(99),
    cpuMicros: (user + system) / done,
    rssBytes: rssBefore,
    grownBytes: mostRss - rssBefore,
  }),
);
await pool.end();
process.exit(0);
