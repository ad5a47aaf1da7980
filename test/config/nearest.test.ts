import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/config/nearest.ts';

const KNOWN = ['deadline', 'queue', 'queueTimeout', 'max', 'min'];
const CASES: readonly [string, string | undefined][] = [
  ['deadlin', 'deadline'],
  ['Deadline', 'deadline'],
  ['daedline', 'deadline'],
  ['queuetimeout', 'queueTimeout'],
  ['mex', 'max'],
  ['parsecs', undefined],
  ['', undefined],
  ['__proto__', undefined],
  ['x'.repeat(100_000), undefined],
];

for (const [word, expected] of CASES) {
  test(`${JSON.stringify(word.slice(0, 20))} was meant to be ${expected ?? 'nothing known'}`, () => {
    assert.equal(nearest(word, KNOWN), expected);
  });
}
