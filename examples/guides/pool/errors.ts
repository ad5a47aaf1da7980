/** What is thrown there is thrown here. */
import { createPool, PreforkError } from 'prefork';
import { NotFound } from './not-found.ts';

await using pool = createPool<typeof import('./shop.ts')>(new URL('./shop.ts', import.meta.url), { errors: [NotFound] });

try {
  await pool.call.price(-1);
} catch (error) {
  console.log(error instanceof RangeError && error.message); // ids begin with 0
}
try {
  await pool.call.price(17);
} catch (error) {
  console.log(error instanceof NotFound && error.id); // 17
}

// What happens to the pool itself is a PreforkError, and its code says what.
try {
  await pool.call.crash();
} catch (error) {
  if (!(error instanceof PreforkError)) throw error;
  console.log(error.code, error.side); // ERR_WORKER_DIED worker
}
