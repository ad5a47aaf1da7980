import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { UncloneableError } from '../../src/channel/crossing.ts';
import { ProtocolError } from '../../src/channel/frame.ts';
import { isPlainValue } from '../../src/channel/plain-value.ts';
import { decodeValue, encodeFewNumbers, encodeValue } from '../../src/channel/value.ts';
import { holds } from './holds.ts';

function roundTrip(value: unknown, given?: ReadonlySet<ArrayBuffer>): unknown {
  return decodeValue(Buffer.concat(encodeValue(value, 'value', given).pieces));
}

/** The first byte: 3 is JSON, 4 structured clone. */
function formOf(value: unknown): number {
  return encodeValue(value, 'value').pieces[0]?.[0] ?? -1;
}

/** Two invalid dates are not equal for node:assert; each value that differs in what can be seen of it is in other words here. */
function inWords(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: null, maxStringLength: null });
}

const ANY = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withUnicodeString: true,
  withBoxedValues: true,
});

suite('a list of arguments', () => {
  const ARGUMENTS = fc.array(fc.oneof({ weight: 5, arbitrary: fc.double() }, fc.constantFrom('1', true, null, undefined)), {
    maxLength: 10,
  });

  test('that is one to eight numbers has the bytes of the same value, and any other one has none', () => {
    holds(
      fc.property(ARGUMENTS, (args) => {
        const isFew = args.length > 0 && args.length <= 8 && args.every((each) => typeof each === 'number');
        assert.deepEqual(encodeFewNumbers(args), isFew ? encodeValue(args, 'args') : undefined);
        if (isFew) assert.deepEqual(roundTrip(args), args);
      }),
    );
  });

  test('is its elements alone: what else hangs on the list is passed to no function', () => {
    const args = Object.assign([1, 2], { hidden: 3 });
    assert.deepEqual(encodeFewNumbers(args), encodeValue([1, 2], 'args'));
  });
});

suite('a value', () => {
  test('is after its way what structured clone makes of it', () => {
    holds(fc.property(ANY, (value) => assert.equal(inWords(roundTrip(value)), inWords(structuredClone(value)))));
  });

  test('that is plain goes as JSON, and is exactly the same', () => {
    holds(
      fc.property(fc.jsonValue(), (value) => {
        if (!isPlainValue(value)) return;
        assert.deepStrictEqual(roundTrip(value), value);
      }),
    );
    assert.equal(formOf({ a: [1, 'x', null, true], b: { c: '\ud800' } }), 3);
    assert.deepEqual(roundTrip({ b: { c: '\ud800' } }), { b: { c: '\ud800' } });
  });

  test('that JSON would change does not go as JSON', () => {
    const shared = { a: 1 };
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const array = Object.assign(['a', 'b'], { extra: true });
    const withProto = JSON.parse('{"__proto__": {"x": 1}}') as unknown;
    const values = [
      ['-0', [['a'], -0]],
      ['NaN', { a: Number.NaN }],
      ['infinity', [Infinity, 'x']],
      ['undefined', { a: undefined }],
      ['a hole', [, 'x']], // eslint-disable-line no-sparse-arrays
      ['a date', { at: new Date(0) }],
      [
        'an instance',
        new (class A {
          x = 1;
        })(),
      ],
      ['what is reached twice', [shared, shared]],
      ['a cycle', cycle],
      ['an array with a name', array],
      ['an own __proto__', withProto],
      ['toJSON', { toJSON: null, x: 1 }],
      ['an object without a prototype', Object.assign(Object.create(null) as object, { x: 1 })],
      ['a big integer', [1n, 'x']],
      ['a boxed number', [Object(1) as unknown, 'x']],
    ] as const;
    for (const [name, value] of values) {
      assert.equal(isPlainValue(value), false, name);
      assert.deepStrictEqual(roundTrip(value), structuredClone(value), name);
    }
    const [one, two] = roundTrip([shared, shared]) as unknown[];
    assert.equal(one, two);
    assert.ok(Object.is((roundTrip([-0]) as number[])[0], -0));
    assert.deepEqual(Object.keys(roundTrip([, 1]) as object), ['1']); // eslint-disable-line no-sparse-arrays
  });

  test('of many objects knows which of them are reached twice', () => {
    const shared = { a: 1 };
    const many = [...Array.from({ length: 50 }, (_, index) => ({ index })), shared, shared];
    assert.equal(isPlainValue(many), false);
    assert.equal(isPlainValue(many.slice(0, -1)), true);
  });

  test('keeps its own kinds of memory, and what they share', () => {
    const memory = new ArrayBuffer(16);
    const views = { memory, all: new Uint8Array(memory), part: new Float64Array(memory, 8, 1), view: new DataView(memory, 4, 2) };
    views.all.set([1, 2, 3, 4, 5, 6]);
    const back = roundTrip(views) as typeof views;
    assert.deepStrictEqual(back, views);
    assert.equal(back.part.buffer, back.memory);
    assert.equal(back.view.buffer, back.memory);
    const buffer = Buffer.from('some bytes');
    const [returned, empty] = roundTrip([buffer, Buffer.alloc(0)]) as [Buffer, Buffer];
    assert.ok(Buffer.isBuffer(returned) && Buffer.isBuffer(empty));
    assert.equal(returned.toString(), 'some bytes');
    // A small Buffer is a part of a pool of others, which nobody is to see.
    assert.equal(returned.buffer.byteLength, buffer.length);
  });

  test('is the one of the moment when it was encoded', () => {
    const bytes = Buffer.alloc(100, 1);
    const { pieces } = encodeValue([bytes, new Uint8Array([1])], 'value');
    bytes.fill(2);
    assert.deepEqual((decodeValue(Buffer.concat(pieces)) as [Buffer])[0], Buffer.alloc(100, 1));
  });

  test('gives away the memory that it is told to, and no other', () => {
    const [given, kept] = [new Uint8Array([1, 2]), new Uint8Array([3])];
    assert.deepEqual(roundTrip([given, kept], new Set([given.buffer])), [new Uint8Array([1, 2]), new Uint8Array([3])]);
    assert.deepEqual([given.length, kept.length], [0, 1]);
  });

  test('gives nothing away when it can not cross', () => {
    const memory = new ArrayBuffer(8);
    assert.throws(() => encodeValue([memory, () => {}], 'args', new Set([memory])), UncloneableError);
    assert.equal(memory.byteLength, 8);
  });

  const A_STREAM = 'a stream, which can be in arguments and in results alone';
  const REFUSED: readonly [string, unknown, string][] = [
    ['args[0].callback', [{ callback() {} }], 'the function callback'],
    ['args[1]', [1, Symbol('x')], 'a symbol'],
    ['args[0].get("key")[2]', [new Map([['key', [1, 2, () => {}]]])], 'a function'],
    ['args[0].values()[1].fn', [new Set([1, { fn: () => {} }])], 'the function fn'],
    ['args[0]["not a name"]', [{ 'not a name': Symbol.iterator }], 'a symbol'],
    ['args[0].cause', [new Error('x', { cause: Symbol.iterator })], 'a symbol'],
    ['args[0]', [Promise.resolve()], 'a promise (await it first)'],
    ['args[0].rows', [{ rows: Readable.from([1]) }], A_STREAM],
    ['args[0][1]', [[0, new ReadableStream()]], A_STREAM],
    ['args[0].get("k")', [new Map([['k', (async function* () {})()]])], A_STREAM],
    ['args[0].rows', [{ rows: (function* () {})() }], 'a generator'],
    ['args[0]', [new WeakMap()], 'a WeakMap'],
    ['args[0].memory', [{ memory: new SharedArrayBuffer(8) }], 'a SharedArrayBuffer, which only threads can share'],
    ['args[0].at', [{ at: new URL('http://localhost') }], 'a URL, which lives in this process'],
    ['args[0]', [new AbortController().signal], 'a AbortSignal, which lives in this process'],
  ];
  for (const [path, value, found] of REFUSED) {
    test(`is refused with its path: ${path}, ${found}`, () => {
      assert.throws(
        () => encodeValue(value, 'args'),
        (error) => error instanceof UncloneableError && error.path === path && error.found === found,
      );
    });
  }

  test('that is as deep as a list of ten thousand links is refused at its end all the same', () => {
    let list: unknown = () => {};
    for (let depth = 0; depth < 10_000; depth += 1) list = { next: list };
    assert.throws(() => encodeValue(list, 'list'), UncloneableError);
  });

  test('made of garbage is an error of the protocol, whatever the garbage', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from([4, 1, 0, 0, 0, 3, 0, 0, 0, ...bytes])),
    );
    holds(
      fc.property(garbage, (bytes) => {
        try {
          decodeValue(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      }),
    );
  });

  test('that was cut off is no value', () => {
    const whole = Buffer.concat(encodeValue({ a: Buffer.alloc(64), b: new Date(0) }, 'value').pieces);
    for (let length = 0; length < whole.length; length += 1)
      assert.throws(() => decodeValue(whole.subarray(0, length)), ProtocolError, `${length} bytes`);
  });
});
