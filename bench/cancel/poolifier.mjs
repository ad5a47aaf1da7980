/** poolifier: a task with a signal, in a process. */
import { fileURLToPath } from 'node:url';
import { FixedClusterPool } from 'poolifier';
import { withSignal } from './with-signal.mjs';

export async function start() {
  const pool = new FixedClusterPool(2, fileURLToPath(new URL('poolifier-worker.cjs', import.meta.url)));
  return withSignal((name, argument, signal) => pool.execute(argument, name, signal));
}
