import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BootRate } from '../../src/scheduler/boot-rate.ts';

test('boots double as long as workers are missing, up to twice the CPUs, and begin anew when none is', () => {
  const rate = new BootRate(3);
  const seen = [rate.atOnce];
  for (const missing of [true, true, true, true, false, true]) {
    rate.booted(missing);
    seen.push(rate.atOnce);
  }
  assert.deepEqual(seen, [1, 2, 4, 6, 6, 1, 2]);
});

test('two may boot at once however little CPU there is', () => {
  const rate = new BootRate(0.25);
  for (let count = 0; count < 5; count += 1) rate.booted(true);
  assert.equal(rate.atOnce, 2);
});
