import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { encode } from '../../src/channel/codec.ts';
import { decodeFromWorker } from '../../src/channel/decode-from-worker.ts';
import { MAX_PAYLOAD_BYTES } from '../../src/channel/frame.ts';
import { toRemoteError } from '../../src/worker/remote-error.ts';

const throws = (): never => {
  throw new Error('hostile');
};
const SHY = { name: 'Error', message: 'a value that can not be shown was thrown', stack: '' };

const HOSTILE: readonly [what: string, thrown: unknown][] = [
  ['an object without a prototype', Object.create(null)],
  ['an object whose toString throws', { toString: throws }],
  ['an object whose toString gives an object', { toString: () => ({}), valueOf: () => ({}) }],
  ['an error whose message throws', Object.defineProperty(new Error('x'), 'message', { get: throws })],
  ['an error whose stack throws', Object.defineProperty(new Error('x'), 'stack', { get: throws })],
  ['an error whose name throws', Object.defineProperty(new Error('x'), 'name', { get: throws })],
  ['an error whose cause throws', Object.defineProperty(new Error('x'), 'cause', { get: throws })],
  ['an error whose message can not be shown', Object.assign(new Error('x'), { message: Object.create(null) as unknown })],
  ['a proxy that throws at everything', new Proxy({}, { getPrototypeOf: throws, get: throws })],
];

const PLAIN: readonly [thrown: unknown, message: string][] = [
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [4711, '4711'],
  [12n, '12'],
  [Symbol('s'), 'Symbol(s)'],
  [{}, '[object Object]'],
  [runInNewContext('new TypeError("elsewhere")'), 'TypeError: elsewhere'],
];

suite('toRemoteError', () => {
  test('keeps name, message and stack of an error', () => {
    const error = new RangeError('too far');
    assert.deepEqual(toRemoteError(error), { name: 'RangeError', message: 'too far', stack: error.stack });
  });

  for (const [thrown, message] of PLAIN) {
    test(`shows ${message} that is no error`, () =>
      assert.deepEqual(toRemoteError(thrown), { name: 'Error', message, stack: '' }));
  }

  for (const [what, thrown] of HOSTILE) test(`survives ${what}`, () => assert.deepEqual(toRemoteError(thrown), SHY));

  test('takes fields of other types for what they look like', () => {
    const odd = Object.assign(new Error('x'), { name: 7, message: { toString: () => 'odd' }, stack: undefined });
    assert.deepEqual(toRemoteError(odd), { name: '7', message: 'odd', stack: 'undefined' });
  });

  test('tells the causes, and no more than five of them when they go round', () => {
    const inner = new Error('inner');
    const outer = new Error('outer', { cause: inner });
    assert.equal(toRemoteError(outer).stack, `${outer.stack}\ncaused by ${inner.stack}`);
    inner.cause = outer;
    assert.equal(toRemoteError(outer).stack.split('caused by').length, 6);
    assert.equal(toRemoteError(new Error('x', { cause: 'no error' })).stack.split('caused by').length, 1);
  });

  test('fits into a frame, however long the error is and whatever JSON makes of it', () => {
    for (const character of ['x', '\u0001', '\ud800', '\u{1f980}']) {
      const long = character.repeat(200_000);
      const error = Object.assign(new Error(long), { name: long, stack: long });
      const { code, task, payload } = encode({ type: 'TaskFailed', task: 1, micros: 0, error: toRemoteError(error) });
      assert.ok(payload.length < MAX_PAYLOAD_BYTES / 2, `${payload.length} bytes`);
      assert.equal(decodeFromWorker(code, task, payload).type, 'TaskFailed');
    }
  });
});
