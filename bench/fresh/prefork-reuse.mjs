/** prefork: processes that are used again, for comparison. */
import { createPool } from '../prefork.mjs';

export const isShared = true;

export async function start() {
  const pool = createPool(new URL('work.mjs', import.meta.url));
  await pool.ready;
  return { run: (number) => pool.run('next', [number]) };
}
