/** piscina over threads. */
import { Piscina } from 'piscina';

export async function start(workers) {
  const pool = new Piscina({ filename: new URL('work.mjs', import.meta.url).href, minThreads: workers, maxThreads: workers });
  return (name, number) => pool.run(number, { name });
}
