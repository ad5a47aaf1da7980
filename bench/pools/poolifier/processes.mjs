/** poolifier over a cluster. */
import { fileURLToPath } from 'node:url';
import { FixedClusterPool } from 'poolifier';

export async function start(workers) {
  const pool = new FixedClusterPool(workers, fileURLToPath(new URL('cluster-worker.cjs', import.meta.url)), {
    settings: { serialization: 'advanced' },
  });
  return { run: (name, argument) => pool.execute(argument, name), end: () => pool.destroy() };
}
