import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, cutStart, left, oneLine, right, widthOf, wrap } from '../../../src/cli/top/cells.ts';

for (const [text, width] of [
  ['', 0],
  ['GET /', 5],
  ['日本語', 6],
  ['é', 1],
  ['e\u0301', 1],
  ['한국', 4],
  ['ａ', 2],
  ['█▌·…', 4],
] as const)
  test(`the width of ${JSON.stringify(text)} is ${width}`, () => assert.equal(widthOf(text), width));

for (const [name, text, shown] of [
  ['a new line', 'a\n  b', 'a b'],
  ['an escape sequence', '\u001b[2Jx', String.raw`\u001b[2Jx`],
  ['one of 8 bits', '\u009b2Jx', String.raw`\u009b2Jx`],
  ['a bidi mark', 'a\u202eb', String.raw`a\u202eb`],
  ['a joiner and a selector', 'a\u200db\ufe0f', String.raw`a\u200db\ufe0f`],
  ['half of a character', 'a\ud800b', String.raw`a\ud800b`],
  ['a tag character', 'a\u{e0041}', String.raw`a\u{e0041}`],
  ['a mark without a letter', '\u0301a', String.raw`\u0301a`],
  ['marks that pile up', 'a\u0301\u0302\u0303\u0304', 'a\u0301\u0302' + String.raw`\u0303\u0304`],
  ['letters of the world', 'é 日本 e\u0301', 'é 日本 e\u0301'],
] as const)
  test(`${name} is made harmless`, () => assert.equal(oneLine(text), shown));

test('what does not fit is cut at a whole character, and says so', () => {
  assert.deepEqual(
    [cut('abcdef', 4), cut('abc', 3), cut('日本語', 4), cut('日本語', 5), cut('x', 0)],
    ['abc…', 'abc', '日…', '日本…', ''],
  );
  assert.deepEqual([cutStart('/srv/app.ts:12', 9), cutStart('日本語', 4), cutStart('x', 0)], ['…pp.ts:12', '…語', '']);
});

test('a wrapped text keeps all its words', () => {
  assert.deepEqual(wrap('computing in isPrime (/a.ts:3), for 3 of 3', 20), ['computing in isPrime', '(/a.ts:3), for 3 of', '3']);
});

test('any text fits its cells, and nothing in it is left for the terminal to obey', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 0, max: 80 }), (text, width) => {
      const shown = oneLine(text);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.ok(widthOf(cut(shown, width)) <= width);
      assert.equal(widthOf(left(shown, width)), width);
      assert.equal(widthOf(right(shown, width)), width);
    }),
    { numRuns: 2000 },
  );
});
