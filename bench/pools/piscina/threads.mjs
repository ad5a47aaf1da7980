/** piscina: large memory is moved both ways, and each worker may hold several tasks, which is its fastest setting. */
import { Piscina } from 'piscina';

export async function start(workers) {
  const pool = new Piscina({
    filename: new URL('worker.mjs', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: 32,
  });
  return {
    run: (name, argument) => pool.run(argument, name === 'stamp' ? { name, transferList: [argument.buffer] } : { name }),
    end: () => pool.destroy(),
  };
}
