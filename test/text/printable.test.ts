import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { printable } from '../../src/text/printable.ts';
import { holds } from '../channel/holds.ts';

const ESCAPED: readonly [what: string, text: string, shown: string][] = [
  ['the start of a terminal sequence', '\u001b[2Jx', '\\u001b[2Jx'],
  ['the 8-bit start of one', '\u009b2J', '\\u009b2J'],
  ['a carriage return, which writes over the line', 'safe\rforged', 'safe\\u000dforged'],
  ['backspace, bell, tab and delete', '\b\u0007\t\u007f', '\\u0008\\u0007\\u0009\\u007f'],
  ['the null character', '\0', '\\u0000'],
  ['line and paragraph separators, and the next line of C1', 'a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
  [
    'bidi overrides, embeddings and isolates',
    '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
    '\\u202a\\u202b\\u202c\\u202d\\u202e\\u2066\\u2067\\u2068\\u2069',
  ],
  ['bidi marks', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
];

suite('printable', () => {
  for (const [what, text, shown] of ESCAPED) test(`escapes ${what}`, () => assert.equal(printable(text), shown));

  test('leaves words of any script alone, and new lines, which stacks have', () => {
    for (const text of ['plain', 'a\nb', 'naïve café', '素数', 'עברית', '\u{1f980}', 'back\\slash "quotes"'])
      assert.equal(printable(text), text);
  });

  test('leaves nothing of Unicode that controls or reorders', () => {
    const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 40 });
    holds(
      fc.property(anyText, (text) => {
        const shown = printable(text);
        assert.doesNotMatch(shown.replaceAll('\n', ''), /\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
        assert.equal(printable(shown), shown, 'once is enough');
      }),
      5000,
    );
    for (let code = 0; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      const isUnsafe = character !== '\n' && /\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u.test(character);
      assert.equal(printable(character) !== character, isUnsafe, `U+${code.toString(16)}`);
    }
  });
});
