/** How a call ends that does not end by itself: `search` never returns. */
import { createPool, PreforkError } from 'prefork';

await using pool = createPool<typeof import('./primes.ts')>(new URL('./primes.ts', import.meta.url), { deadline: '1s' });

// Given up by its caller: the promise is rejected at once, with the reason of the signal.
try {
  await pool.run('search', [], { signal: AbortSignal.timeout(100) });
} catch (error) {
  console.log(error instanceof DOMException && error.name); // TimeoutError
}

// Past its deadline: its process is ended.
try {
  await pool.call.search();
} catch (error) {
  console.log(error instanceof PreforkError && error.code); // ERR_DEADLINE
}

// Nobody else is touched.
console.log(await pool.call.isPrime(7)); // true
