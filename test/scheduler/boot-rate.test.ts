import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BootRate } from '../../src/scheduler/boot-rate.ts';

test('one boots first, then half as many as CPUs, doubled up to all CPUs as long as workers are missing, and half again when none is', () => {
  const rate = new BootRate(8);
  const seen = [rate.atOnce];
  for (const missing of [true, true, true, false, true]) {
    rate.booted(missing);
    seen.push(rate.atOnce);
  }
  assert.deepEqual(seen, [1, 4, 8, 8, 4, 8]);
});

test('two may boot at once however little CPU there is', () => {
  const rate = new BootRate(0.25);
  const seen = [rate.atOnce];
  for (let count = 0; count < 3; count += 1) {
    rate.booted(true);
    seen.push(rate.atOnce);
  }
  assert.deepEqual(seen, [1, 2, 2, 2]);
});
