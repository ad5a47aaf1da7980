import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeResponse } from './take-response.ts';

// The judge of the suite: what it takes for an answer must be one, to the byte.
const take = (text: string, method = 'GET', hasEnded = false) => takeResponse(Buffer.from(text, 'latin1'), method, hasEnded);

const WHOLE: Readonly<Record<string, { text: string; framing: string; body: string }>> = {
  'with a length': { text: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody', framing: 'length', body: 'body' },
  'in chunks': {
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nb\r\n\r\n1\r\ny\r\n0\r\n\r\n',
    framing: 'chunked',
    body: 'b\r\ny',
  },
  'in chunks, with trailers': {
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-A: b\r\n\r\n',
    framing: 'chunked',
    body: 'body',
  },
  'of 204': { text: 'HTTP/1.1 204 No Content\r\n\r\n', framing: 'none', body: '' },
};

for (const [what, { text, framing, body }] of Object.entries(WHOLE)) {
  test(`takes an answer ${what}, leaves what follows, and waits for each byte of it`, () => {
    const taken = take(`${text}HTTP/1.1 next`);
    assert.deepEqual([taken?.response.framing, taken?.response.body, taken?.response.isComplete], [framing, body, true]);
    assert.equal(taken?.rest.toString('latin1'), 'HTTP/1.1 next');
    for (let length = 0; length < text.length; length += 1)
      assert.equal(take(text.slice(0, length)), null, `the first ${length} bytes`);
  });
}

test('tells an answer that breaks off from a whole one', () => {
  const [length = '', chunked = ''] = [WHOLE['with a length']?.text, WHOLE['in chunks']?.text];
  for (const text of [length.slice(0, -1), chunked.slice(0, -1), chunked.slice(0, -5), chunked.slice(0, -9)]) {
    assert.equal(take(text, 'GET', true)?.response.isComplete, false, JSON.stringify(text));
  }
  assert.throws(() => take('HTTP/1.1 200 OK\r\nContent-', 'GET', true), /inside of a head/);
});

test('an answer without framing goes on until the close, and one to HEAD has no body', () => {
  assert.equal(take('HTTP/1.1 200 OK\r\n\r\nbody'), null);
  assert.equal(take('HTTP/1.1 200 OK\r\n\r\nbody', 'GET', true)?.response.body, 'body');
  const head = take('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTP', 'HEAD');
  assert.deepEqual([head?.response.body, head?.rest.toString()], ['', 'HTTP']);
});

test('keeps headers as they are, and informational answers apart', () => {
  const taken = take(
    'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 299 Quite Fine\r\nB: 1\r\na:2\r\nb:  3 \r\nContent-Length: 0\r\n\r\n',
  );
  assert.deepEqual(taken?.response.interim, [{ status: 103, headers: [['Link', 'a']] }]);
  assert.equal(taken?.response.reason, 'Quite Fine');
  assert.deepEqual(taken?.response.headers.slice(0, 3), [
    ['B', '1'],
    ['a', '2'],
    ['b', '3'],
  ]);
});

for (const [what, text, error] of [
  ['a status line', 'garbage\r\n\r\n', /no status line/],
  ['a header', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', /no header/],
  ['one framing', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', /two framings/],
  ['a chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n', /no chunk size/],
  ['the end of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc', /does not end/],
] as const) {
  test(`throws where ${what} should be`, () => assert.throws(() => take(text), error));
}
