import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showValue } from '../../src/config/show-value.ts';

const CASES: readonly [string, unknown, string][] = [
  ['text in quotes', 'a "b"', String.raw`"a \"b\""`],
  ['line ends and control characters escaped', 'a\nb\u001b[2J', String.raw`"a\nb\u001b[2J"`],
  ['line separators and bidirectional marks escaped', 'a\u2028b\u202e\u0085', String.raw`"a\u2028b\u202e\u0085"`],
  ['long text cut', 'x'.repeat(1_000), `"${'x'.repeat(59)}...`],
  ['a number as it is', Number.NaN, 'NaN'],
  ['null', null, 'null'],
  ['an array by its type', ['secret'], 'an array'],
  ['an object by its type', { secret: 1 }, 'an object'],
  ['a function by its type', () => 1, 'a function'],
  ['a symbol by its type', Symbol('s'), 'a symbol'],
];

for (const [name, value, shown] of CASES) {
  test(`shows ${name}`, () => assert.equal(showValue(value), shown));
}
