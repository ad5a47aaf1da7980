import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { decodeToWatchdog, decodeToWorker, encode } from '../../src/channel/codec.ts';
import { decodeFromWatchdog, decodeFromWorker } from '../../src/channel/decode-from-worker.ts';
import { FrameDecoder, ProtocolError } from '../../src/channel/frame.ts';
import type { FromWatchdog, FromWorker, ToWatchdog, ToWorker } from '../../src/channel/messages.ts';
import { fromWatchdog, fromWorker, toWatchdog, toWorker } from './any-message.ts';
import { holds } from './holds.ts';
import { anyCuts, cut, frameBytes } from './pieces.ts';

type Message = ToWorker | ToWatchdog | FromWorker | FromWatchdog;
type Decode = (code: number, task: number, payload: Buffer) => Message;

const UNIONS: readonly { name: string; decode: Decode; types: Readonly<Record<string, fc.Arbitrary<Message>>> }[] = [
  { name: 'decodeToWorker', decode: decodeToWorker, types: toWorker },
  { name: 'decodeToWatchdog', decode: decodeToWatchdog, types: toWatchdog },
  { name: 'decodeFromWorker', decode: decodeFromWorker, types: fromWorker },
  { name: 'decodeFromWatchdog', decode: decodeFromWatchdog, types: fromWatchdog },
];
const EVERY_TYPE = UNIONS.flatMap(({ name, decode, types }) =>
  Object.entries(types).map(([type, any]) => ({ name, decode, type, any })),
);
/** Those whose payload is a JSON object. */
const OF_FIELDS = EVERY_TYPE.filter(({ any }) => encode(sample(any)).payload.toString('latin1').startsWith('{'));

function sample<T>(arbitrary: fc.Arbitrary<T>): T {
  const [value] = fc.sample(arbitrary, { seed: 7, numRuns: 1 });
  if (value === undefined) throw new Error('fast-check gave no sample');
  return value;
}

/** Passes if the payload is decoded or refused with a ProtocolError; anything else that is thrown fails the test. */
function decodeOrRefuse(decode: Decode, code: number, payload: Buffer): Message | ProtocolError {
  try {
    return decode(code, 1, payload);
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${String(error)} for ${payload.toString('latin1')}`);
    return error;
  }
}

function refuses(decode: Decode, code: number, payload: Buffer | string): void {
  assert.throws(() => decode(code, 1, Buffer.from(payload)), { name: 'ProtocolError' }, String(payload));
}

suite('round trip', () => {
  for (const { name, decode, type, any } of EVERY_TYPE) {
    test(`${type} comes out of ${name} as it was`, () => {
      holds(
        fc.property(any, (message) => {
          const { code, task, payload } = encode(message);
          assert.deepEqual(decode(code, task, payload), message);
        }),
      );
    });
  }

  test('any messages in any order, cut anywhere, come out as they were', () => {
    holds(
      fc.property(fc.array(fc.oneof(...Object.values(fromWorker)), { maxLength: 20 }), anyCuts, (messages, cuts) => {
        const seen: Message[] = [];
        const decoder = new FrameDecoder((code, task, payload) => seen.push(decodeFromWorker(code, task, Buffer.from(payload))));
        const frames = messages.map((message) => {
          const { code, task, payload } = encode(message);
          return frameBytes({ type: code, task, payload });
        });
        for (const piece of cut(Buffer.concat(frames), cuts)) decoder.push(piece);
        assert.deepEqual(seen, messages);
      }),
    );
  });

  test('numbers are rounded, and cut to what 32 bits hold', () => {
    for (const [given, taken] of [
      [1.5, 2],
      [0, 0],
      [2 ** 32, 2 ** 32 - 1],
      [Number.POSITIVE_INFINITY, 2 ** 32 - 1],
    ] as const) {
      const { code, task, payload } = encode({ type: 'DeadlinePassed', overdueMs: given });
      assert.deepEqual(decodeFromWatchdog(code, task, payload), { type: 'DeadlinePassed', overdueMs: taken });
    }
  });
});

suite('a decoder refuses', () => {
  for (const { name, decode, types } of UNIONS) {
    test(`${name}: types that are unknown or another direction's`, () => {
      const own = new Set(Object.values(types).map((any) => encode(sample(any)).code));
      const others = EVERY_TYPE.map(({ any }) => encode(sample(any))).filter(({ code }) => !own.has(code));
      assert.ok(others.length > 0);
      for (const { code, payload } of others) refuses(decode, code, payload);
      for (let code = 0; code < 256; code += 1) if (!own.has(code)) refuses(decode, code, '{}');
    });

    test(`${name}: whatever is no message, with a ProtocolError and nothing else`, () => {
      const codes = fc.constantFrom(...Object.values(types).map((any) => encode(sample(any)).code));
      const payload = fc.oneof(
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
        fc.json().map((json) => Buffer.from(json)),
      );
      holds(
        fc.property(codes, payload, (code, bytes) => void decodeOrRefuse(decode, code, bytes)),
        5000,
      );
    });
  }

  for (const { name, decode, type, any } of OF_FIELDS) {
    test(`${name}: ${type} that is no object, or lacks a field`, () => {
      const { code, payload } = encode(sample(any));
      for (const shape of ['', 'null', '[]', '1', '"x"', 'true', '{', `[${payload.toString()}]`, `${payload.toString()}x`]) {
        refuses(decode, code, shape);
      }
      const whole = JSON.parse(payload.toString()) as Record<string, unknown>;
      for (const key of Object.keys(whole)) {
        const { [key]: _left, ...rest } = whole;
        refuses(decode, code, JSON.stringify(rest));
      }
    });

    test(`${name}: ${type} with a field of another type`, () => {
      holds(
        fc.property(
          any,
          fc.nat(),
          fc.constantFrom<unknown>(null, [1], { a: 1 }, 1.5, -1, 2 ** 53, ['odd'], 'x', true),
          (message, place, wrong) => {
            const { code, payload } = encode(message);
            const whole = JSON.parse(payload.toString()) as Record<string, unknown>;
            const keys = Object.keys(whole);
            const key = keys[place % keys.length] ?? '';
            const mutant = { ...whole, [key]: wrong };
            const result = decodeOrRefuse(decode, code, Buffer.from(JSON.stringify(mutant)));
            // What is taken after all was of the right type by chance: then nothing of it is lost or changed.
            if (result instanceof ProtocolError || type === 'Ready') return;
            assert.deepEqual(JSON.parse(encode(result).payload.toString()), mutant);
          },
        ),
      );
    });
  }

  test('headers that are not names and values in turn', () => {
    for (const type of ['ResponseHead', 'Informational', 'Answered'] as const) {
      const message = { ...sample<FromWorker>(fromWorker[type]), head: { status: 103, message: 'a', headers: ['a', 'b', 'c'] } };
      const { code, payload } = encode(message);
      refuses(decodeFromWorker, code, payload);
    }
  });

  test('a head that is cut off anywhere, or goes on', () => {
    for (const [decode, message] of [
      [decodeToWorker, sample<ToWorker>(toWorker.StartTask)],
      [decodeFromWorker, sample<FromWorker>(fromWorker.ResponseHead)],
      [decodeFromWorker, { ...sample<FromWorker>(fromWorker.Answered), bytes: Buffer.alloc(0) } as FromWorker],
    ] as const) {
      const { code, payload } = encode(message);
      for (let length = 0; length < payload.length; length += 1) refuses(decode, code, payload.subarray(0, length));
      if (message.type !== 'Answered') refuses(decode, code, Buffer.concat([payload, Buffer.alloc(1)]));
    }
  });

  test('a length that needs no five bytes in five, and one that is longer than all there is', () => {
    const { code, payload } = encode({
      type: 'ResponseHead',
      task: 1,
      head: { status: 200, message: 'x'.repeat(300), headers: [] },
    });
    const at = payload.indexOf(0xff);
    for (const length of [0, 1, 254, 0xffff_ffff]) {
      const wrong = Buffer.from(payload);
      wrong.writeUInt32LE(length, at + 1);
      refuses(decodeFromWorker, code, wrong);
    }
  });

  test('a head of which a byte was changed: it is refused, or means something else, and never hurts', () => {
    const messages = fc.oneof(toWorker.StartTask, fromWorker.ResponseHead, fromWorker.Answered);
    holds(
      fc.property(messages, fc.nat(), fc.nat(255), (message, place, byte) => {
        const { code, payload } = encode(message);
        payload[place % payload.length] = byte;
        const decode = message.type === 'StartTask' ? decodeToWorker : decodeFromWorker;
        const found = decodeOrRefuse(decode, code, payload);
        if (found instanceof ProtocolError || !('head' in found)) return;
        assert.equal(found.head.headers.length % 2, 0);
      }),
      3000,
    );
  });

  test('a status outside the range of its message', () => {
    for (const [type, statuses] of [
      ['Informational', [0, 99, 200]],
      ['ResponseHead', [0, 99, 1000]],
    ] as const) {
      const { code } = encode(sample<FromWorker>(fromWorker[type]));
      for (const status of statuses) {
        const payload = encode({ type, task: 1, head: { status, message: '', headers: [] } }).payload;
        refuses(decodeFromWorker, code, payload);
      }
    }
  });

  test('a number of any other length than 4 bytes', () => {
    for (const length of [0, 1, 3, 5, 8]) {
      refuses(decodeToWorker, encode(sample(toWorker.Credit)).code, Buffer.alloc(length));
      refuses(decodeFromWatchdog, encode(sample(fromWatchdog.DeadlinePassed)).code, Buffer.alloc(length));
    }
  });
});

suite('__proto__ in JSON', () => {
  for (const { name, decode, type, any } of OF_FIELDS) {
    test(`${name}: ${type} is decoded as if it were not there`, () => {
      holds(
        fc.property(any, (message) => {
          const { code, task, payload } = encode(message);
          const hostile = JSON.stringify(poison(JSON.parse(payload.toString())));
          assert.ok(hostile.includes('"__proto__"'));
          const decoded = decode(code, task, Buffer.from(hostile));
          assert.deepEqual(decoded, message);
          assertPlain(decoded);
        }),
      );
      assert.equal('isHostile' in {}, false);
    });
  }
});

/** The same with an own `__proto__` in every object, as JSON can have it. */
function poison(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries([
    ['__proto__', { isHostile: true }],
    ...Object.entries(value).map(([key, field]) => [key, poison(field)]),
  ]);
}

/** Every object in there has the prototype of a literal. */
function assertPlain(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Buffer.isBuffer(value)) return;
  assert.ok(Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);
  assert.equal('isHostile' in value, false);
  for (const field of Object.values(value)) assertPlain(field);
}
