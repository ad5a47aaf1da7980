/** prefork: a call with a signal, in a worker thread. */
import { createPool } from '../prefork.mjs';
import { withSignal } from './with-signal.mjs';

export async function start() {
  const pool = createPool(new URL('spin.mjs', import.meta.url), { isolation: 'thread' });
  await pool.ready;
  return withSignal((name, argument, signal) => pool.run(name, [argument], { signal, deadline: Infinity }));
}
