/** tinypool: a task with a signal, in a process. */
import { Tinypool } from 'tinypool';
import { withSignal } from './with-signal.mjs';

export async function start() {
  const pool = new Tinypool({
    filename: new URL('spin.mjs', import.meta.url).href,
    runtime: 'child_process',
    minThreads: 2,
    maxThreads: 2,
  });
  return withSignal((name, argument, signal) => pool.run(argument, { name, signal }));
}
