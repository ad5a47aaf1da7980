import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedCount, plannedMs } from '../../bench/load/pacing.ts';

test('a rate plans its requests evenly, from the start on', () => {
  assert.deepEqual(
    [0, 1, 2, 50].map((index) => plannedMs(1000, index, 50)),
    [1000, 1020, 1040, 2000],
  );
});

test('the plan does not drift over many requests', () => {
  assert.equal(plannedMs(0, 300_000, 3), 100_000_000);
});

test('a phase has as many requests as its rate and time give, and one at least', () => {
  assert.equal(plannedCount(50, 2), 100);
  assert.equal(plannedCount(3, 0.5), 1);
  assert.equal(plannedCount(1, 0.5), 1);
});
