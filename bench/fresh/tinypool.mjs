/** tinypool: isolateWorkers over child processes. */
import { Tinypool } from 'tinypool';

export async function start() {
  const pool = new Tinypool({
    filename: new URL('work.mjs', import.meta.url).href,
    runtime: 'child_process',
    isolateWorkers: true,
    minThreads: 2,
    maxThreads: 2,
  });
  return { run: (number) => pool.run(number, { name: 'next' }) };
}
