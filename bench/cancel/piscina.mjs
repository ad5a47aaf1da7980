/** piscina: a task with a signal, in a thread. */
import { Piscina } from 'piscina';
import { withSignal } from './with-signal.mjs';

export async function start() {
  const pool = new Piscina({ filename: new URL('spin.mjs', import.meta.url).href, minThreads: 2, maxThreads: 2 });
  return withSignal((name, argument, signal) => pool.run(argument, { name, signal }));
}
