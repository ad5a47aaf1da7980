import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLines } from '../../src/supervisor/lines.ts';

/** What is handed out for the chunks of a stream that ends after them. */
async function linesOf(chunks: readonly Uint8Array[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  const read = readLines(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await read;
  return lines;
}

const text = (...parts: string[]): Buffer[] => parts.map((part) => Buffer.from(part));

const CASES: readonly [name: string, chunks: readonly Uint8Array[], expected: readonly string[]][] = [
  ['nothing', [], []],
  ['one line', text('a\n'), ['a']],
  ['several lines in one chunk', text('a\nb\nc\n'), ['a', 'b', 'c']],
  ['a line in several chunks', text('a', 'b', 'c\nd', '\n'), ['abc', 'd']],
  ['a last line without an end', text('a\nb'), ['a', 'b']],
  ['empty lines', text('\n\na\n\n'), ['', '', 'a', '']],
  ['the line ends of Windows', text('a\r\nb\r', '\n'), ['a', 'b']],
  ['a return in the middle of a line', text('a\rb\n'), ['a\rb']],
  ['a character in two chunks', [Uint8Array.of(0xc3), Uint8Array.of(0xa9, 0x0a)], ['é']],
  ['bytes that are no UTF-8', [Uint8Array.of(0xff, 0x61, 0x0a)], ['\ufffda']],
];

for (const [name, chunks, expected] of CASES) {
  test(`reads ${name}`, async () => {
    assert.deepEqual(await linesOf(chunks), expected);
  });
}

test('cuts a line that is too long, and is whole again with the next one', async () => {
  const long = 'x'.repeat(100 * 1024);
  const [first, second, ...more] = await linesOf(text(long, long, '\nshort\n'));
  assert.equal(first, `${'x'.repeat(8 * 1024)} [cut]`);
  assert.equal(second, 'short');
  assert.deepEqual(more, []);
});

test('reads the same lines however the bytes are split', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((each) => !/[\r\n]/.test(each));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(1000)), async (lines, cuts) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
      const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
      const chunks = [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
      assert.deepEqual(await linesOf(chunks), lines);
    }),
    { numRuns: 100 },
  );
});
