/** Values that come one by one, both ways. */
import { createPool } from 'prefork';

await using pool = createPool<typeof import('./primes.ts')>(new URL('./primes.ts', import.meta.url));

for await (const factor of pool.stream.factors(600851475143)) {
  console.log(factor); // 71
  break;
}

async function* numbers(most: number): AsyncGenerator<number> {
  for (let n = 0; n <= most; n += 1) yield n;
}
console.log(await pool.call.countPrimes(numbers(100))); // 25

const { count, primes, others } = await pool.call.sift(5);
for await (const n of primes) console.log(n); // 2, 3, 5
await others.return(); // Not wanted: its source is ended, and no other.
console.log(count); // 5
