/** What the documents say can be done: their programs are those that are run, their flags and links lead somewhere. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { suite, test } from 'node:test';
import { runCommand } from '../cli/run-command.ts';
import { root } from '../support/paths.ts';

const GUIDES = ['guides/offload', 'guides/pool', 'guides/server', 'reference/peers'].map((name) =>
  join(root, 'docs', `${name}.md`),
);
const DOCUMENTS = [
  join(root, 'README.md'),
  join(root, 'CONTRIBUTING.md'),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(root, 'docs', path)),
];

/** A block of code, and the comment in the line before it. */
const BLOCK = /(?:^<!-- (.*) -->\n)?^```(\w*)\n([^]*?)^```$/gm;

interface Block {
  readonly source: string | undefined;
  readonly language: string;
  readonly text: string;
}

function blocksOf(path: string): Block[] {
  return [...readFileSync(path, 'utf8').matchAll(BLOCK)].map(([, source, language = '', text = '']) => ({
    source,
    language,
    text,
  }));
}

suite('the guides', () => {
  for (const path of GUIDES) {
    const name = relative(root, path);
    const blocks = blocksOf(path);

    test(`${name}: each program is part of an example, word for word`, () => {
      const programs = blocks.filter(({ language }) => language !== 'sh');
      assert.ok(programs.length > 3);
      for (const { source, text } of programs) {
        assert.ok(
          source?.startsWith('examples/guides/') === true,
          `no comment in the line before names the example of:\n${text}`,
        );
        assert.ok(readFileSync(join(root, source), 'utf8').includes(text), `${source} does not have:\n${text}`);
      }
    });
  }

  test('each command that is shown has the flags that it is shown with', { timeout: 60_000 }, async () => {
    const lines = GUIDES.flatMap(blocksOf)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.trimEnd().split('\n'));
    assert.ok(lines.length > 3);
    const helps = new Map<string, Promise<{ readonly stdout: string }>>();
    for (const line of lines) {
      const command = /^npx prefork (\w+)/.exec(line)?.[1];
      assert.ok(command !== undefined, `found ${line}, expected npx prefork and a command`);
      if (!helps.has(command)) helps.set(command, runCommand([command, '--help']));
      const help = (await helps.get(command))?.stdout ?? '';
      for (const [flag] of line.matchAll(/--[\w-]+/g)) assert.match(help, new RegExp(`${flag}\\b`), line);
    }
  });
});

test('each link of the documents to a file leads to one', () => {
  let count = 0;
  for (const path of DOCUMENTS) {
    const prose = readFileSync(path, 'utf8').replaceAll(/^```[^]*?^```$/gm, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
      if (/^\w+:/.test(target)) continue;
      count += 1;
      assert.ok(existsSync(join(dirname(path), target)), `${relative(root, path)} links to ${target}, which is not there`);
    }
  }
  assert.ok(count > 50, `only ${count} links were found`);
});
