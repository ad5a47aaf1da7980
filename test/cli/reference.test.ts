import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
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
