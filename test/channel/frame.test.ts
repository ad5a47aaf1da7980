import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { FrameDecoder, HEADER_BYTES, MAX_PAYLOAD_BYTES, ProtocolError } from '../../src/channel/frame.ts';
import { holds } from './holds.ts';
import { anyCuts, anyFrame, cut, frameBytes, type TestFrame } from './pieces.ts';

const MOST_HELD_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

/** A decoder, and what it has handed out; payloads are copied, as an owner does that keeps them. */
function newDecoder(): { decoder: FrameDecoder; seen: TestFrame[] } {
  const seen: TestFrame[] = [];
  const decoder = new FrameDecoder((type, task, payload) => seen.push({ type, task, payload: Buffer.from(payload) }));
  return { decoder, seen };
}

function announcing(payloadBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(payloadBytes, 0);
  return header;
}

suite('FrameDecoder', () => {
  test('hands out the same frames in the same order, however their bytes are cut', () => {
    holds(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), anyCuts, (frames, cuts) => {
        const { decoder, seen } = newDecoder();
        for (const piece of cut(Buffer.concat(frames.map(frameBytes)), cuts)) decoder.push(piece);
        assert.deepEqual(seen, frames);
        assert.equal(decoder.pendingBytes, 0);
      }),
    );
  });

  test('hands out payloads that stay, where the memory that they came in is used again', () => {
    holds(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), anyCuts, (frames, cuts) => {
        const seen: TestFrame[] = [];
        const decoder = new FrameDecoder((type, task, payload) => seen.push({ type, task, payload }), true);
        for (const piece of cut(Buffer.concat(frames.map(frameBytes)), cuts)) {
          const lent = Buffer.from(piece);
          decoder.push(lent);
          lent.fill(0xee);
        }
        assert.deepEqual(seen, frames);
      }),
    );
  });

  test('hands out the same frames when every byte comes alone', () => {
    holds(
      fc.property(fc.array(anyFrame, { maxLength: 3, size: 'small' }), (frames) => {
        const { decoder, seen } = newDecoder();
        for (const byte of Buffer.concat(frames.map(frameBytes)).subarray(0, 3000)) decoder.push(Buffer.from([byte]));
        assert.deepEqual(seen, frames.slice(0, seen.length));
        const wholeBytes = frames.map((frame) => frameBytes(frame).length);
        const total = wholeBytes.reduce((sum, bytes) => sum + bytes, 0);
        if (total <= 3000) assert.equal(seen.length, frames.length);
      }),
      200,
    );
  });

  test('keeps what is truncated, byte for byte, and hands out nothing of it', () => {
    holds(
      fc.property(
        fc.array(anyFrame, { maxLength: 4 }),
        anyFrame,
        anyCuts,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (whole, last, cuts, part) => {
          const lastBytes = frameBytes(last);
          const truncated = lastBytes.subarray(0, Math.floor(lastBytes.length * part));
          const { decoder, seen } = newDecoder();
          for (const piece of cut(Buffer.concat([...whole.map(frameBytes), truncated]), cuts)) decoder.push(piece);
          assert.deepEqual(seen, whole);
          assert.equal(decoder.pendingBytes, truncated.length);
          decoder.push(lastBytes.subarray(truncated.length));
          assert.deepEqual(seen, [...whole, last]);
          assert.equal(decoder.pendingBytes, 0);
        },
      ),
    );
  });

  test('refuses a frame that is too long by its header alone, after all frames before it', () => {
    holds(
      fc.property(
        fc.array(anyFrame, { maxLength: 4 }),
        fc.integer({ min: MAX_PAYLOAD_BYTES + 1, max: 0xffff_ffff }),
        anyCuts,
        (before, payloadBytes, cuts) => {
          const { decoder, seen } = newDecoder();
          const pieces = cut(Buffer.concat([...before.map(frameBytes), announcing(payloadBytes)]), cuts);
          assert.throws(() => pieces.forEach((piece) => decoder.push(piece)), {
            name: 'ProtocolError',
            message: `a frame of ${payloadBytes} bytes was announced, the limit is ${MAX_PAYLOAD_BYTES}`,
          });
          assert.deepEqual(seen, before);
        },
      ),
    );
  });

  test('takes a frame that is exactly as long as allowed', () => {
    const { decoder, seen } = newDecoder();
    const frame = { type: 1, task: 2, payload: Buffer.alloc(MAX_PAYLOAD_BYTES, 7) };
    for (const piece of cut(frameBytes(frame), [0.1, 0.2, 0.999])) decoder.push(piece);
    assert.deepEqual(seen, [frame]);
  });

  test('meets garbage with frames or a ProtocolError, and never holds more than one frame', () => {
    holds(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (pieces) => {
        const { decoder } = newDecoder();
        try {
          for (const piece of pieces) {
            decoder.push(Buffer.from(piece));
            assert.ok(decoder.pendingBytes <= MOST_HELD_BYTES);
          }
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      }),
      5000,
    );
  });

  test('never holds more than one frame, whatever length is announced', () => {
    const chunk = Buffer.alloc(64 * 1024);
    holds(
      fc.property(fc.nat(2 * MAX_PAYLOAD_BYTES), (payloadBytes) => {
        const { decoder, seen } = newDecoder();
        if (payloadBytes > MAX_PAYLOAD_BYTES) {
          assert.throws(() => decoder.push(announcing(payloadBytes)), { name: 'ProtocolError' });
          assert.equal(decoder.pendingBytes, 0);
          return;
        }
        decoder.push(announcing(payloadBytes));
        for (let sentBytes = 0; sentBytes < payloadBytes; sentBytes += chunk.length) {
          assert.ok(decoder.pendingBytes <= MOST_HELD_BYTES && seen.length === 0);
          decoder.push(chunk.subarray(0, payloadBytes - sentBytes));
        }
        assert.equal(seen.length, 1);
        assert.equal(decoder.pendingBytes, 0);
      }),
      200,
    );
  });

  test('lets an error of its owner through', () => {
    const decoder = new FrameDecoder(() => {
      throw new RangeError('of the owner');
    });
    assert.throws(() => decoder.push(frameBytes({ type: 1, task: 0, payload: Buffer.alloc(0) })), { name: 'RangeError' });
  });
});
