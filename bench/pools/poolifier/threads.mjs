/** poolifier over worker threads, large memory moved. */
import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';

export async function start(workers) {
  const pool = new FixedThreadPool(workers, fileURLToPath(new URL('thread-worker.mjs', import.meta.url)));
  return {
    run: (name, argument) => pool.execute(argument, name, undefined, name === 'stamp' ? [argument.buffer] : undefined),
    end: () => pool.destroy(),
  };
}
