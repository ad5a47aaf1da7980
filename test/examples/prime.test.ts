import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decide, divides } from '../../examples/prime/prime.ts';

test('0 and 1 are not prime and have no divisor to show', () => {
  assert.deepEqual(decide(0), { prime: false, divisor: null });
  assert.deepEqual(decide(1), { prime: false, divisor: null });
});

test('a number that is not prime comes with its smallest divisor', () => {
  assert.deepEqual(decide(2), { prime: true, divisor: null });
  assert.deepEqual(decide(4), { prime: false, divisor: 2 });
  assert.deepEqual(decide(7), { prime: true, divisor: null });
  assert.deepEqual(decide(9), { prime: false, divisor: 3 });
  assert.deepEqual(decide(15_485_863), { prime: true, divisor: null });
  assert.deepEqual(decide(4_295_098_369), { prime: false, divisor: 65_537 });
  assert.deepEqual(decide(Number.MAX_SAFE_INTEGER), { prime: false, divisor: 6361 });
});

test('agrees with the sieve of Eratosthenes below 5,000', () => {
  const limit = 5000;
  const smallest = new Map<number, number>();
  for (let step = 2; step < limit; step++) {
    for (let multiple = step; multiple < limit; multiple += step) if (!smallest.has(multiple)) smallest.set(multiple, step);
  }
  for (let number = 2; number < limit; number++) {
    const divisor = smallest.get(number) ?? null;
    const expected = divisor === number ? { prime: true, divisor: null } : { prime: false, divisor };
    assert.deepEqual(decide(number), expected, `${number}`);
  }
});

test('division is exact up to 2^53 - 1, beside a multiple too', () => {
  const pair = fc.maxSafeNat().chain((number) =>
    fc.record({
      number: fc.constant(number),
      divisor: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: Math.max(1, number) })),
      remainder: fc.integer({ min: -2, max: 2 }),
    }),
  );
  fc.assert(
    fc.property(pair, ({ number, divisor, remainder }) => {
      const near = Number((BigInt(number) / BigInt(divisor)) * BigInt(divisor)) + remainder;
      if (near < 0 || !Number.isSafeInteger(near)) return;
      assert.equal(divides(divisor, near), BigInt(near) % BigInt(divisor) === 0n, `${near} / ${divisor}`);
    }),
    { numRuns: 20_000 },
  );
});
