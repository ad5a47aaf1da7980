/** prefork: a call with a signal, in a process. */
import { createPool } from '../prefork.mjs';
import { withSignal } from './with-signal.mjs';

export async function start() {
  const pool = createPool(new URL('spin.mjs', import.meta.url), { isolation: 'reuse' });
  await pool.ready;
  return withSignal((name, argument, signal) => pool.run(name, [argument], { signal, deadline: Infinity }));
}
