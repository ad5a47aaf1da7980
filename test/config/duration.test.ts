import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDuration, LONGEST_MS, parseDuration } from '../../src/config/duration.ts';
import { expectBadOption } from './expect-bad-option.ts';

const READ: readonly [unknown, number][] = [
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1.5s', 1_500],
  ['1.005s', 1_005],
  ['0.5m', 30_000],
  ['0', 0],
  ['0ms', 0],
  [0, 0],
  [250, 250],
  [LONGEST_MS, LONGEST_MS],
];

for (const [value, ms] of READ) {
  test(`reads ${JSON.stringify(value)} as ${ms} ms`, () => {
    assert.equal(parseDuration(value, '--deadline'), ms);
  });
}

const SHAPE = 'a duration such as 500ms, 30s or 5m';
const LONGEST = 'a duration of at most 2147483647ms, about 24 days, the longest a timer can be';
const REFUSED: readonly [unknown, string, string][] = [
  ['5 parsecs', '"5 parsecs"', SHAPE],
  ['', '""', SHAPE],
  ['30', '"30"', SHAPE],
  [' 30s', '" 30s"', SHAPE],
  ['30S', '"30S"', SHAPE],
  ['30s\n', '"30s\\n"', SHAPE],
  ['-1s', '"-1s"', SHAPE],
  ['1e3ms', '"1e3ms"', SHAPE],
  ['.5s', '".5s"', SHAPE],
  ['Infinityms', '"Infinityms"', SHAPE],
  ['1constructor', '"1constructor"', SHAPE],
  [`${'9'.repeat(400)}h`, `"${'9'.repeat(59)}...`, SHAPE],
  [Number.NaN, 'NaN', SHAPE],
  [true, 'true', SHAPE],
  [null, 'null', SHAPE],
  [undefined, 'undefined', SHAPE],
  [[30], 'an array', SHAPE],
  [10n, '10', SHAPE],
  ['0.5ms', '"0.5ms"', `${SHAPE}, in whole milliseconds`],
  [0.5, '0.5', `${SHAPE}, in whole milliseconds`],
  [Number.POSITIVE_INFINITY, 'Infinity', `${SHAPE}, in whole milliseconds`],
  [-1, '-1', 'a duration of at least 0ms'],
  [LONGEST_MS + 1, '2147483648', LONGEST],
  ['597h', '"597h"', LONGEST],
];

for (const [value, shown, expected] of REFUSED) {
  test(`refuses ${shown}`, () =>
    expectBadOption(() => parseDuration(value, '--deadline'), `--deadline: found ${shown}, expected ${expected}`));
}

test('refuses less than the least', async () => {
  assert.equal(parseDuration('1s', 'deadline', 1_000), 1_000);
  await expectBadOption(
    () => parseDuration('999ms', 'deadline', 1_000),
    'deadline: found "999ms", expected a duration of at least 1s',
  );
});

test('formats in the largest unit that is exact', () => {
  assert.deepEqual([0, 1, 1_500, 90_000, 60_000, 7_200_000].map(formatDuration), ['0ms', '1ms', '1500ms', '90s', '1m', '2h']);
});

test('reads back whatever it formats', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: LONGEST_MS }), (ms) => parseDuration(formatDuration(ms), 'x') === ms));
});
