import { createPool } from 'prefork';

const pool = createPool<typeof import('./primes.ts')>(new URL('./primes.ts', import.meta.url), {
  min: 1, //                kept when idle
  max: 4, //                at most so many at once
  spares: 1, //             booted ahead of what may come
  memory: '1GB', //         all of them together
  maxMemory: '256MB', //    one that has more is replaced after its call
  queue: 1000, //           calls that wait; then ERR_QUEUE_FULL
  queueTimeout: '10s', //   then ERR_QUEUE_TIMEOUT
});
await pool.ready; // The first worker has loaded the module; else this says why not.

await Promise.all([2, 3, 4].map((n) => pool.call.isPrime(n)));
await pool.drained;
const { completed, waiting, running } = pool.stats();
console.log(completed, waiting, running); // 3 0 0
await pool.close();
