/** prefork: threads. */
import { createPool } from '../prefork.mjs';

export async function start(workers) {
  const pool = createPool(new URL('work.mjs', import.meta.url), { min: workers, max: workers, isolation: 'thread' });
  await pool.ready;
  return { run: (ms) => pool.run('rest', [ms]) };
}
