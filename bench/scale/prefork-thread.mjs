/** prefork, isolation thread. */
import { createPool } from '../prefork.mjs';

export async function start(workers) {
  const pool = createPool(new URL('work.mjs', import.meta.url), {
    isolation: 'thread',
    min: workers,
    max: workers,
    memory: '64GB',
  });
  await pool.ready;
  return (name, number) => pool.run(name, [number]);
}
