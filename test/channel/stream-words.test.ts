import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { ProtocolError } from '../../src/channel/frame.ts';
import { cutPieces, decodeWord, encodeWord, type StreamWord } from '../../src/channel/stream-words.ts';
import { StreamReceiver } from '../../src/channel/stream-receiver.ts';
import { StreamSender } from '../../src/channel/stream-sender.ts';
import { decodeValue, encodeValue } from '../../src/channel/value.ts';
import { holds } from './holds.ts';

const stream = fc.nat(255);
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const WORD: fc.Arbitrary<StreamWord> = fc.oneof(
  fc.record({ kind: fc.constantFrom('piece', 'value', 'failed'), stream, bytes }, { noNullPrototype: true }),
  fc.record({ kind: fc.constantFrom('ended', 'cancelled'), stream }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant('credit'), stream, allowed: fc.nat(0xffff_ffff) }, { noNullPrototype: true }),
);

async function* yields(values: readonly unknown[]): AsyncGenerator {
  yield* values;
}

suite('a word about a stream', () => {
  test('is after its way what it was', () => {
    holds(fc.property(WORD, (word) => assert.deepStrictEqual(decodeWord(encodeWord(word)), word)));
  });

  test('is one, or a break of the protocol, whatever the bytes', () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 10 }), (array) => {
        try {
          decodeWord(Buffer.from(array));
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
        }
      }),
    );
    for (const broken of [[], [0], [6, 0], [4, 0, 1]]) assert.throws(() => decodeWord(Buffer.from(broken)), ProtocolError);
  });

  test('is cut so that it fits into a frame, and is whole again', () => {
    for (const length of [0, 1, 65_000, 65_536, 200_000]) {
      const encoded = encodeValue([Buffer.alloc(length, 7), 'x'.repeat(length)], 'value');
      const pieces = [...cutPieces(encoded)];
      assert.ok(pieces.every((piece) => piece.length <= 64 * 1024));
      assert.ok(Buffer.concat(pieces).equals(Buffer.concat(encoded.pieces)));
    }
  });
});

suite('a receiver of a stream', () => {
  test('takes no more than it has allowed', () => {
    const receiver = new StreamReceiver(1);
    const [value] = cutPieces(encodeValue(7, 'value'));
    assert.ok(value !== undefined);
    let taken = 0;
    while (taken < 1000 && receiver.receive(value, true)) taken += 1;
    assert.ok(taken >= 32 && taken <= 64, `${taken} values were taken that nobody reads`);
    assert.throws(() => new StreamReceiver(1).receive(Buffer.from([99]), true), ProtocolError);
  });

  test('gets what a sender sends, however slow it is, and the sender never has too much under way', async () => {
    const values = Array.from({ length: 300 }, (_, n) => (n % 50 === 0 ? Buffer.alloc(300_000, n) : n));
    let underWay = 0;
    const allow = (word: Buffer): void => {
      const credit = decodeWord(word);
      assert.ok(credit.kind === 'credit');
      setImmediate(() => sender.addCredit(credit.allowed));
    };
    const send = (word: Buffer): void => {
      const piece = decodeWord(word);
      assert.ok(piece.kind === 'piece' || piece.kind === 'value');
      underWay += piece.kind === 'value' ? 1 : 0;
      assert.ok(underWay <= 32 + 1, `${underWay} values are under way`);
      assert.ok(receiver.receive(piece.bytes, piece.kind === 'value'));
    };
    const receiver = new StreamReceiver(0, { send: allow, decode: decodeValue });
    const sender = new StreamSender(0, 'values', { send, encode: encodeValue });
    const sent = sender.pump(yields(values)).then(() => receiver.end());
    const seen: unknown[] = [];
    for (let next = await receiver.next(); next.done !== true; next = await receiver.next()) {
      underWay -= 1;
      seen.push(next.value);
      if (seen.length % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await sent;
    assert.deepStrictEqual(seen, values);
  });
});
