/** So many tasks at a time: a warm-up, then for so long. @param warmUpMs long enough for all workers to boot */
export async function rounds(run, atOnce, { warmUpMs, ms }) {
  await drive(run, atOnce, warmUpMs);
  const before = process.cpuUsage();
  const { done, tookMs } = await drive(run, atOnce, ms);
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (done * 1000) / tookMs, cpuMicros: (user + system) / done };
}

async function drive(run, atOnce, ms) {
  const sinceMs = performance.now();
  let done = 0;
  const keepGoing = async (first) => {
    for (let number = first; performance.now() - sinceMs < ms; number += 1) {
      const result = await run(number);
      if (result !== number + 1) throw new Error(`task ${number} has a wrong result: ${result}`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => keepGoing(index * 1000)));
  return { done, tookMs: performance.now() - sinceMs };
}
