import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorLine } from '../../src/cli/error-line.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';

test('an error of ours is one line with its code, also with --dev', () => {
  const error = new PreforkError('ERR_HANDLER_LOAD', 'app.js: threw\r\n  at line 1\u2028and so on');
  const line = 'prefork: app.js: threw at line 1 and so on (ERR_HANDLER_LOAD)\n';
  assert.deepEqual([errorLine(error, false), errorLine(error, true)], [line, line]);
});

test('a bug is one line, and its stack follows with --dev', () => {
  const error = new RangeError('broken');
  assert.equal(errorLine(error, false), 'prefork: broken (unexpected, --dev shows where)\n');
  assert.equal(errorLine(error, true), `prefork: broken (unexpected)\n${error.stack}\n`);
  assert.match(errorLine(error, true), /\n {4}at /);
});

test('whatever is thrown can be shown', () => {
  assert.equal(errorLine('text', true), 'prefork: text (unexpected)\n');
  assert.equal(errorLine(undefined, false), 'prefork: undefined (unexpected, --dev shows where)\n');
  assert.equal(errorLine(Object.create(null), true), 'prefork: a value that can not be shown was thrown (unexpected)\n');
});

test('what a server or a file name says is no order to the terminal', () => {
  const error = new PreforkError('ERR_ADMIN', 'a\u001b[2J\u202eb');
  assert.equal(errorLine(error, false), 'prefork: a\\u001b[2J\\u202eb (ERR_ADMIN)\n');
});
