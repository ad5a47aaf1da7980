import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { assertNever } from '../../src/errors/assert-never.ts';
import { ERRORS, type ErrorCode } from '../../src/errors/codes.ts';
import { messageOf, PreforkError } from '../../src/errors/prefork-error.ts';

suite('PreforkError', () => {
  test('carries code, side, message and task, and survives JSON with them', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = new PreforkError(code, 'found x, expected y', { task: 7 });
      assert.ok(error instanceof Error);
      assert.deepEqual(
        [error.code, error.side, error.task, String(error)],
        [code, ERRORS[code].side, 7, 'PreforkError: found x, expected y'],
      );
      assert.deepEqual(JSON.parse(JSON.stringify(error)), {
        name: 'PreforkError',
        code,
        side: ERRORS[code].side,
        message: 'found x, expected y',
        task: 7,
      });
    }
  });

  test('has a cause only when it is given one, and keeps it out of JSON', () => {
    assert.equal('cause' in new PreforkError('ERR_SPAWN', 'x'), false);
    const error = new PreforkError('ERR_SPAWN', 'x', { cause: 'secret' });
    assert.equal(error.cause, 'secret');
    assert.doesNotMatch(JSON.stringify(error), /secret|task/);
  });
});

suite('messageOf', () => {
  const hostile = {
    toString: () => {
      throw new Error('hostile');
    },
  };
  for (const [thrown, message] of [
    [new RangeError('of an error'), 'of an error'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [4711, '4711'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'a value that can not be shown was thrown'],
    [hostile, 'a value that can not be shown was thrown'],
  ] as const) {
    test(`gives "${message}"`, () => assert.equal(messageOf(thrown), message));
  }
});

test('assertNever throws for a case that the types did not know', () => {
  assert.throws(() => assertNever('surprise' as never), { name: 'TypeError', message: 'unexpected case: "surprise"' });
});
