import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../src/errors/codes.ts';
import { STATUS } from '../../src/http/problem.ts';
import { root } from '../support/paths.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

suite('the table of errors', () => {
  test('is the one of docs/reference/errors.md', () => {
    const page = readFileSync(join(root, 'docs', 'reference', 'errors.md'), 'utf8');
    const [, shown] = /<!-- errors -->\n([^]*?)\n<!-- \/errors -->/.exec(page) ?? [];
    const rows = CODES.map((code) => `| \`${code}\` | ${ERRORS[code].side} | ${STATUS[code] ?? ''} | ${ERRORS[code].cause} |`);
    assert.equal(shown, ['| code | side | status | cause |', '| --- | --- | --- | --- |', ...rows].join('\n'));
  });

  test('has no code that nothing raises', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('codes.ts') && !path.endsWith('problem.ts'))
      .map((path) => readFileSync(join(root, 'src', path), 'utf8'));
    for (const code of CODES)
      assert.ok(
        sources.some((source) => source.includes(`'${code}'`)),
        `${code} is raised nowhere`,
      );
  });

  test('names codes and causes in one way', () => {
    for (const code of CODES) {
      assert.match(code, /^ERR_[A-Z]+(_[A-Z]+)*$/);
      assert.match(ERRORS[code].cause, /^(?=[a-z]|HTTP)[^|\n]+[^.\n]$/, code);
    }
  });

  test('gives an HTTP status to what can happen to a request, and none to what can only happen to the operator', () => {
    for (const code of CODES) {
      if (ERRORS[code].side === 'operator') assert.equal(STATUS[code], undefined, code);
      if (STATUS[code] !== undefined) assert.ok(STATUS[code] >= 400 && STATUS[code] < 600);
    }
  });
});
