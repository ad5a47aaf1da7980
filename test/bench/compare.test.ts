import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Better, compare, type Pair, showComparison, type Verdict } from '../../bench/report/compare.ts';

/** Rounds in which the present build has the given figures, and the one before has 100. */
function beside100(...now: readonly number[]): readonly Pair[] {
  return now.map((value) => ({ now: value, before: 100 }));
}

function verdictOf(pairs: readonly Pair[], better: Better, floor: number): Verdict | undefined {
  return compare(pairs, better, floor)?.verdict;
}

test('a figure beside the one before is the median of the ratios within the rounds', () => {
  // The second round was twice as slow for both.
  const pairs = [
    { now: 120, before: 100 },
    { now: 65, before: 50 },
    { now: 110, before: 100 },
  ];
  assert.deepEqual(compare(pairs, 'more', 1.05)?.ratio, { median: 1.2, least: 1.1, most: 1.3 });
});

test('which way is better is a matter of the column', () => {
  assert.equal(verdictOf(beside100(150), 'more', 1.1), 'better');
  assert.equal(verdictOf(beside100(150), 'less', 1.1), 'worse');
  assert.equal(verdictOf(beside100(60), 'more', 1.1), 'worse');
  assert.equal(verdictOf(beside100(60), 'less', 1.1), 'better');
  assert.equal(verdictOf(beside100(60), 'neither', 1.1), 'differs');
});

test('a difference is noise within the noise floor, upwards and downwards', () => {
  assert.equal(verdictOf(beside100(109), 'more', 1.1), 'noise');
  assert.equal(verdictOf(beside100(92), 'more', 1.1), 'noise');
  assert.equal(verdictOf(beside100(90), 'more', 1.1), 'worse');
});

test('a difference that fewer than three of four rounds agree on is noise', () => {
  assert.equal(verdictOf(beside100(80, 150, 160), 'more', 1.1), 'noise');
  assert.equal(verdictOf(beside100(99, 150, 160, 170), 'more', 1.1), 'better');
});

test('one round knows no noise, and says so by a question mark', () => {
  const one = compare(beside100(150), 'more', undefined);
  assert.ok(one !== undefined);
  assert.equal(showComparison(one), '1.50, better?');
  const several = compare(beside100(150, 140, 160), 'more', 1.1);
  assert.ok(several !== undefined);
  assert.equal(showComparison(several), '1.50 (1.40–1.60), better');
});

test('what never came to pass is worse, and what has nothing to divide is not compared', () => {
  const never = compare([{ now: Number.POSITIVE_INFINITY, before: 5 }], 'less', 1.1);
  assert.ok(never !== undefined);
  assert.equal(showComparison(never), '∞, worse');
  assert.equal(compare([{ now: Number.NaN, before: 5 }], 'less', 1.1), undefined);
  assert.equal(compare([{ now: 0, before: 0 }], 'less', 1.1), undefined);
  assert.equal(compare([{ now: Number.POSITIVE_INFINITY, before: Number.POSITIVE_INFINITY }], 'less', 1.1), undefined);
});
