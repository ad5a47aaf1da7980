import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader } from '../../bench/load/answer-reader.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\n';

function readInPieces(reader: AnswerReader, text: string, size: number): unknown[] {
  const readings: unknown[] = [];
  for (let at = 0; at < text.length; at += size) readings.push(reader.read(Buffer.from(text.slice(at, at + size))));
  return readings.filter((reading) => reading !== 'more');
}

test('an answer is one answer, in pieces of any size, and the next one after it', () => {
  for (let size = 1; size <= HEAD.length + 5; size += 1) {
    for (const body of ['hello', undefined]) {
      const reader = new AnswerReader({ bodyBytes: 5, body });
      assert.deepEqual(readInPieces(reader, `${HEAD}hello`, size), ['answered'], `pieces of ${size}`);
      assert.deepEqual(readInPieces(reader, `${HEAD}hello`, size), ['answered'], `pieces of ${size}, the second one`);
    }
  }
});

test('another status, length or body is wrong, and says why', () => {
  const read = (text: string): unknown => new AnswerReader({ bodyBytes: 5, body: 'hello' }).read(Buffer.from(text));
  assert.deepEqual(read('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nhello'), { wrong: 'status 503' });
  assert.deepEqual(read('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell'), { wrong: 'content-length 4' });
  assert.deepEqual(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), { wrong: 'content-length missing' });
  assert.deepEqual(read(`${HEAD}hallo`), { wrong: 'wrong body' });
  assert.deepEqual(read(`${HEAD}hello!`), { wrong: 'wrong body' });
});
