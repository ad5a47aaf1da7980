import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { runCommand } from './run-command.ts';

const FAILURES: readonly (readonly [what: string, file: string, text: string, says: RegExp])[] = [
  [
    'a syntax error in an ES module',
    'app.mjs',
    'export default (request) => {\n  const x = ;\n};\n',
    /^prefork: .*\/app\.mjs:2:13: the compiler found: Unexpected token; expected valid code, .*\(ERR_HANDLER_LOAD\)\n$/,
  ],
  [
    'a syntax error in CommonJS',
    'app.cjs',
    'module.exports = (a, b) => {\n  return };\n};\n',
    /^prefork: .*\/app\.cjs:3:1: the compiler found: .*\(ERR_HANDLER_LOAD\)\n$/,
  ],
  [
    'an error that is thrown at load',
    'app.mjs',
    'function connect() {\n  throw new RangeError("no database");\n}\nconnect();\nexport default () => {};\n',
    /^prefork: .*\/app\.mjs: RangeError: no database, at .*\/app\.mjs:2:9 \(ERR_HANDLER_LOAD\)\n$/,
  ],
  [
    'an error that is thrown at load, in TypeScript',
    'app.ts',
    'type A = string;\n\nconst fail = (why: A): never => {\n  throw new Error(why);\n};\nfail("no luck");\nexport default () => {};\n',
    /^prefork: .*\/app\.ts: Error: no luck, at .*\/app\.ts:4:9 \(ERR_HANDLER_LOAD\)\n$/,
  ],
  [
    'an import that leads nowhere',
    'app.mjs',
    'import "./missing.mjs";\nexport default () => {};\n',
    /^prefork: .*\/app\.mjs: Error: Cannot find module '.*missing\.mjs' imported from .*app\.mjs \(ERR_HANDLER_LOAD\)\n$/,
  ],
];

/** What the compiler finds is found before any worker boots, whatever the mode; where an error was thrown is told by whoever loads the handler. */
const THROWN = FAILURES.filter(([what]) => what.includes('thrown'));

for (const mode of ['pool', 'blocking', 'cluster']) {
  for (const [what, file, text, says] of mode === 'pool' ? FAILURES : THROWN) {
    test(`mode ${mode}, ${what}: one line that names the place, and exit code 3`, async (t) => {
      const folder = await temporaryFolder(t, { [file]: text });
      const result = await runCommand(['serve', join(folder, file), '--mode', mode, '--port', '0']);
      assert.match(result.stderr, says);
      assert.deepEqual([result.code, result.stdout], [3, '']);
    });
  }
}

test('the stack is in the log of level debug', async (t) => {
  const folder = await temporaryFolder(t, { 'app.mjs': 'throw new Error("no luck");' });
  const { stderr } = await runCommand(['serve', join(folder, 'app.mjs'), '--port', '0', '--log-level', 'debug']);
  const lines = stderr.split('\n').filter((line) => line.includes('worker:boot-failed'));
  assert.match(lines.join('\n'), /"stack":"Error: no luck\\n {4}at file:.*app\.mjs:1:7/);
});
