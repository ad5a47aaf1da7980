/**
 * A pool of two workers that gets so many tasks in one go: `node run-queue.mjs FILE COUNT SECONDS`. Does it three times at least, and again until the time is
 * over, and prints the median time for each task in µs: the first time a program queues so much, its heap has to grow. Each result is checked.
 */
const FEWEST = 3;
const [file, many, seconds] = process.argv.slice(2);
const count = Number(many);
const { start } = await import(file);
const run = await start(2);
const took = [];
await once(Math.min(count, 10_000));
const sinceMs = performance.now();
do took.push(await once(count));
while (took.length < FEWEST || performance.now() - sinceMs < Number(seconds) * 1000);
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
