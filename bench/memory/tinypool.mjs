/** tinypool: processes. */
import { Tinypool } from 'tinypool';

export async function start(workers) {
  const pool = new Tinypool({
    filename: new URL('work.mjs', import.meta.url).href,
    runtime: 'child_process',
    minThreads: workers,
    maxThreads: workers,
  });
  return { run: (ms) => pool.run(ms, { name: 'rest' }) };
}
