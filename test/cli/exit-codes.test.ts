import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { ERRORS, type ErrorCode } from '../../src/errors/codes.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';

const BY_CODE: readonly [number, RegExp][] = [
  [2, /^ERR_BAD_OPTION$/],
  [3, /^ERR_(ENTRY|HANDLER|BOOT)_/],
  [4, /^ERR_(PORT_IN_USE|LISTEN)$/],
  [6, /^ERR_NO_SERVER$/],
  [7, /^ERR_NO_SUCH_WORKER$/],
  [8, /^ERR_(NOT_SUPPORTED|OBSERVE|RELOAD|ADMIN|SHUTTING_DOWN)$/],
];

test('each error ends the command with the code of its kind, and 1 where there is none', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const [expected] = BY_CODE.find(([, pattern]) => pattern.test(code)) ?? [1];
    assert.equal(exitCodeOf(new PreforkError(code, 'x')), expected, code);
  }
});

test('whatever else is thrown is a bug: 1', () => {
  for (const thrown of [new Error('x'), 'x', undefined, { code: 'ERR_BAD_OPTION' }]) assert.equal(exitCodeOf(thrown), 1);
});
