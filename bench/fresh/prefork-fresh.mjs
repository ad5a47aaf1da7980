/** prefork: a process for each call, booted ahead. */
import { createPool } from '../prefork.mjs';

export async function start() {
  const pool = createPool(new URL('work.mjs', import.meta.url), { isolation: 'fresh' });
  await pool.ready;
  return { run: (number) => pool.run('next', [number]) };
}
