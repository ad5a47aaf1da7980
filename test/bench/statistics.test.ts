import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median, percentile, spreadOf } from '../../bench/report/statistics.ts';

test('a percentile is the value of the nearest rank', () => {
  const values = [15, 20, 35, 40, 50];
  assert.deepEqual(
    [5, 30, 40, 50, 100].map((percent) => percentile(values, percent)),
    [15, 20, 20, 35, 50],
  );
});

test('p99 of a hundred leaves one value above it', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(values, 99), 99);
  assert.equal(percentile(values, 100), 100);
});

test('a percentile is always one of the values, and no value is below p0 or above p100', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer({ min: 0, max: 100 }), (values, percent) => {
      const found = percentile(values, percent);
      assert.ok(values.includes(found));
      assert.ok(percentile(values, 0) <= found && found <= percentile(values, 100));
    }),
  );
});

test('the median is the middle, or the mean of two', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([1, 9, 2, 4]), 3);
});

test('of nothing there is no figure', () => {
  assert.ok(Number.isNaN(percentile([], 50)));
  assert.ok(Number.isNaN(median([])));
});

test('a spread has the ends of the rounds', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 });
});
