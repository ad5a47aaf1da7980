import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { COMMAND_NAMES } from '../../src/cli/program.ts';
import { environmentNamesOf, flagOf, OPTION_NAMES, OPTIONS } from '../../src/config/options.ts';
import { runCommand } from './run-command.ts';

test('the version is that of package.json', async () => {
  const manifest: unknown = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('prefork/package.json')), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'version' in manifest);
  assert.deepEqual(await runCommand(['--version']), { code: 0, stdout: `${String(manifest.version)}\n`, stderr: '' });
});

const HELPS: readonly [readonly string[], string][] = [
  [['--help'], 'serve'],
  [['help', 'serve'], 'serve'],
  [['help', 'trace'], 'trace'],
  ...COMMAND_NAMES.map((name): [string[], string] => [[name, '--help'], name]),
];

for (const [args, name] of HELPS) {
  test(`prefork ${args.join(' ')} shows examples and every exit code`, async () => {
    const { code, stdout, stderr } = await runCommand(args);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(String.raw`^Usage: prefork .*\n[^]*\nExamples:\n {2}\$ prefork ${name}\b`));
    for (const [exitCode, meaning] of Object.entries(EXIT_CODES))
      assert.ok(stdout.includes(`\n  ${exitCode}  ${meaning}\n`), stdout);
  });
}

test('the help names each command, also when one stands behind it', async () => {
  for (const args of [['--help'], ['help'], ['--help', 'ps']]) {
    const { code, stdout } = await runCommand(args);
    assert.equal(code, 0);
    for (const name of COMMAND_NAMES) assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
  }
});

test('the help of serve shows each option with its default and its variables', async () => {
  const { stdout } = await runCommand(['serve', '--help']);
  const unwrapped = stdout.replace(/\s+/g, ' ');
  for (const name of OPTION_NAMES) {
    const variables = environmentNamesOf(name).join(', ');
    assert.ok(unwrapped.includes(` ${flagOf(name)} `), name);
    assert.ok(unwrapped.includes(`(default: ${OPTIONS[name].default}; env: ${variables})`), name);
  }
});
