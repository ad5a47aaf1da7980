import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNumber } from '../../examples/prime/number.ts';

const read = (query: string) => readNumber(new URLSearchParams(query));

test('reads whole numbers from 0 to 2^53 - 1', () => {
  for (const number of [0, 1, 7, 29_355_126_551, Number.MAX_SAFE_INTEGER]) {
    assert.deepEqual(read(`number=${number}`), { kind: 'number', number });
  }
  assert.deepEqual(read('number=007'), { kind: 'number', number: 7 });
});

test('tells a query without a number from a wrong one', () => {
  assert.deepEqual(read(''), { kind: 'absent' });
  assert.deepEqual(read('Number=7'), { kind: 'absent' });
});

const EXPECTED = 'a whole number from 0 to 9007199254740991, in decimal digits, as in /?number=7.';

for (const [query, found] of [
  ['number=abc', '"abc"'],
  ['number=-1', '"-1"'],
  ['number=1.5', '"1.5"'],
  ['number=1e3', '"1e3"'],
  ['number=0x10', '"0x10"'],
  ['number=+7', '" 7"'],
  ['number=7%20', '"7 "'],
  ['number=7%0A', '"7\\n"'],
  ['number=%D9%A7', '"\u0667"'],
  ['number=', 'an empty "number"'],
  ['number=9007199254740992', '"9007199254740992"'],
  ['number=9007199254740993', '"9007199254740993"'],
  ['number=%22%3Cb%3E', '"\\"<b>"'],
  ['number=%E2%80%AE7', '"\\u{202e}7"'],
  ['number=%E2%80%A87', '"\\u{2028}7"'],
  ['number=%1B%5B31m', '"\\u001b[31m"'],
] as const) {
  test(`refuses ${query}`, () => {
    assert.deepEqual(read(query), { kind: 'wrong', detail: `Found ${found}; expected ${EXPECTED}` });
  });
}

test('refuses a number given twice, even the same one', () => {
  assert.deepEqual(read('number=7&number=7'), {
    kind: 'wrong',
    detail: `Found 2 values for "number"; expected one value, ${EXPECTED}`,
  });
});

test('shortens what it shows', () => {
  const reading = read(`number=${'9'.repeat(5000)}`);
  assert.deepEqual(reading, {
    kind: 'wrong',
    detail: `Found "${'9'.repeat(40)}" and 4960 more characters; expected ${EXPECTED}`,
  });
});
