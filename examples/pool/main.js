/**
 * Counts primes in several processes, and gives up on one number that takes too long:
 *
 *     npm run build && node examples/pool/main.js
 */
import { createPool } from 'prefork';

/** @type {import('prefork').Pool<typeof import('./primes.ts')>} */
const pool = createPool(new URL('./primes.ts', import.meta.url), { max: 4 });

// Ten ranges, side by side in as many processes as there are.
const starts = Array.from({ length: 10 }, (_, index) => index * 2000);
const counts = await Promise.all(starts.map((from) => pool.call.countPrimes(from, from + 1999)));
console.log(`primes below 20,000: ${counts.reduce((sum, count) => sum + count)}`);

// A loop of months, ended after half a second. Its process ends with it; the pool has another one.
const signal = AbortSignal.timeout(500);
await pool.run('isPrime', [9_007_199_254_740_881], { signal }).catch((error) => console.log(`gave up: ${error.name}`));
console.log(`7 is prime: ${await pool.call.isPrime(7)}`);

await pool.close();
