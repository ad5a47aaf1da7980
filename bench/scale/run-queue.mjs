/**
 * A pool of two workers that gets so many tasks in one go: `node run-queue.mjs FILE COUNT SECONDS`. Does it again until the time is over and prints
 * the shortest time for each task in µs. Each result is checked.
 */
const [file, many, seconds] = process.argv.slice(2);
const count = Number(many);
const { start } = await import(file);
const run = await start(2);
const took = [];
await once(Math.min(count, 10_000));
const sinceMs = performance.now();
do took.push(await once(count));
while (performance.now() - sinceMs < Number(seconds) * 1000);
const sorted = took.toSorted((a, b) => a - b);
console.log(JSON.stringify({ micros: (sorted[sorted.length >> 1] * 1000) / count, times: took.length }));
process.exit(0);

async function once(tasks) {
  const beganMs = performance.now();
  const results = await Promise.all(Array.from({ length: tasks }, (_, number) => run('next', number)));
  const ms = performance.now() - beganMs;
  for (let number = 0; number < tasks; number += 1) {
    if (results[number] !== number + 1) throw new Error(`task ${number} has a wrong result: ${results[number]}`);
  }
  return ms;
}
