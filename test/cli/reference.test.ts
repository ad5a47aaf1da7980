import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { KEYS } from '../../src/cli/top/help-lines.ts';
import { environmentNamesOf, flagOf, OPTION_NAMES, OPTIONS } from '../../src/config/options.ts';

const page = readFileSync(join(repositoryRoot(), 'docs', 'reference', 'cli.md'), 'utf8');

test('docs/reference/cli.md shows the option table', () => {
  const rows = OPTION_NAMES.map((name) => {
    const { kind, placeholder, doc, default: shown } = OPTIONS[name];
    const value = kind === 'boolean' ? '' : ` ${kind === 'choice' ? placeholder.replaceAll('|', String.raw`\|`) : placeholder}`;
    const variables = environmentNamesOf(name).map((variable) => `\`${variable}\``);
    return `| \`${flagOf(name)}\`${value} | \`${name}\` | ${variables.join(', ')} | ${shown} | ${doc} |`;
  });
  const header = ['| flag | key | environment | default | meaning |', '| --- | --- | --- | --- | --- |'];
  assert.equal(section('options'), [...header, ...rows].join('\n'));
});

test('docs/reference/cli.md shows the exit codes', () => {
  const rows = Object.entries(EXIT_CODES).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  assert.equal(section('exit-codes'), ['| code | meaning |', '| --- | --- |', ...rows].join('\n'));
});

test('docs/reference/cli.md shows the keys of top', () => {
  const rows = KEYS.map(([key, what]) => `| ${key} | ${what} |`);
  assert.equal(section('top-keys'), ['| key | what it does |', '| --- | --- |', ...rows].join('\n'));
});

/** What `serve` has is in the table of options, and the keys of `top` are not flags. */
const commands = (await createProgram([])).commands.filter((command) => command.name() !== 'serve');
const COMMON = ['--port', '--socket', '--url', '--json', '--help'];

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.name().toUpperCase();
    return argument.required ? ` ${name}` : ` [${name}]`;
  });
  return `prefork ${command.name()}${words.join('')}`;
}

test('docs/reference/cli.md lists each command as the help does', () => {
  for (const command of commands)
    assert.ok(page.includes(`\n${usageOf(command).padEnd(31)}${command.summary()}\n`), usageOf(command));
});

test('docs/reference/cli.md has a section for each command, with each of its flags and defaults', () => {
  for (const command of commands) {
    const [, text] =
      new RegExp(`\\n###? \`${usageOf(command).replace(/[[\]]/g, String.raw`\$&`)}\`\\n([^]*?)\\n##`).exec(page) ?? [];
    assert.ok(text !== undefined, `no section ${usageOf(command)}`);
    for (const { long, defaultValue } of command.options) {
      if (long === undefined || long === null || COMMON.includes(long)) continue;
      assert.ok(text.includes(long), `${usageOf(command)} ${long}`);
      if (defaultValue !== undefined)
        assert.ok(text.includes(` ${String(defaultValue)} `), `${usageOf(command)} ${long}: its default`);
    }
  }
  for (const flag of COMMON) if (flag !== '--help') assert.ok(page.includes(`\`${flag}`), flag);
});

/** The text between `<!-- name -->` and `<!-- /name -->`. */
function section(name: string): string {
  const [, content] = new RegExp(`<!-- ${name} -->\\n([^]*?)\\n<!-- /${name} -->`).exec(page) ?? [];
  assert.ok(content !== undefined, `the page has no section ${name}`);
  return content;
}

/** The first folder upwards that has the sources' docs: compiled tests lie below it. */
function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!hasDocs(folder)) {
    assert.notEqual(dirname(folder), folder, 'no docs/reference above the tests');
    folder = dirname(folder);
  }
  return folder;
}

function hasDocs(folder: string): boolean {
  try {
    return readFileSync(join(folder, 'docs', 'reference', 'cli.md')).length > 0;
  } catch {
    return false;
  }
}
