/** prefork: processes that serve one call after the other, its default. */
import { createPool } from '../../prefork.mjs';

export async function start(workers) {
  const pool = createPool(new URL('../work.mjs', import.meta.url), { min: workers, max: workers });
  await pool.ready;
  return {
    run: (name, argument) => pool.run(name, [argument], name === 'stamp' ? { transfer: [argument.buffer] } : undefined),
    end: () => pool.close(),
  };
}
