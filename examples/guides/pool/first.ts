import { createPool } from 'prefork';

await using pool = createPool<typeof import('./primes.ts')>(new URL('./primes.ts', import.meta.url));
console.log(await pool.call.isPrime(29355126551)); // true
