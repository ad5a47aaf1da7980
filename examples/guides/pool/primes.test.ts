import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool } from 'prefork';

const pool = createPool<typeof import('./primes.ts')>(new URL('./primes.ts', import.meta.url), { isolation: 'inline' });

test('7 is a prime', async () => {
  assert.equal(await pool.call.isPrime(7), true);
});
