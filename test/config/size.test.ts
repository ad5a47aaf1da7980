import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatSize, parseSize } from '../../src/config/size.ts';
import { expectBadOption } from './expect-bad-option.ts';

const READ: readonly [unknown, number][] = [
  ['0', 0],
  ['17B', 17],
  ['64KB', 65_536],
  ['64kb', 65_536],
  ['1.5MB', 1_572_864],
  ['512MB', 536_870_912],
  ['1GB', 1_073_741_824],
  [4096, 4096],
];

for (const [value, bytes] of READ) {
  test(`reads ${JSON.stringify(value)} as ${bytes} bytes`, () => {
    assert.equal(parseSize(value, '--max-body'), bytes);
  });
}

const SHAPE = 'a size such as 64KB, 512MB or 1GB';
const REFUSED: readonly [unknown, string, string][] = [
  ['512', '"512"', SHAPE],
  ['512M', '"512M"', SHAPE],
  ['1 GB', '"1 GB"', SHAPE],
  ['-1KB', '"-1KB"', SHAPE],
  ['', '""', SHAPE],
  [Number.NaN, 'NaN', SHAPE],
  [{}, 'an object', SHAPE],
  ['1.0001KB', '"1.0001KB"', `${SHAPE}, in whole bytes`],
  [1.5, '1.5', `${SHAPE}, in whole bytes`],
  [-1, '-1', 'a size of at least 0B'],
  ['9999999999GB', '"9999999999GB"', 'a size of at most 9007199254740991B'],
];

for (const [value, shown, expected] of REFUSED) {
  test(`refuses ${shown}`, () =>
    expectBadOption(() => parseSize(value, '--max-body'), `--max-body: found ${shown}, expected ${expected}`));
}

test('formats in the largest unit that is exact', () => {
  assert.deepEqual([0, 1, 1_536, 65_536, 104_857_600].map(formatSize), ['0B', '1B', '1536B', '64KB', '100MB']);
});

test('reads back whatever it formats', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes), 'x') === bytes));
});
