import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compileSource } from '../../src/compile/compile-source.ts';
import { root } from '../support/paths.ts';
import { createProject } from './project.ts';
import { prepareAndLoad } from './run-fixture.ts';

test('stacks name the file, line and column of the source', async (t) => {
  const project = await createProject(t, {
    'app.tsx': `/** A comment
 * of several lines */
interface Options {
  readonly deep: boolean;
}

enum Level {
  Low,
}

// Another one.
class Thrower {
  constructor(private readonly level: Level,
    private readonly text = \`a
template\`) {}

  run({ deep }: Options): string {
    if (deep) throw new Error(this.text + this.level);
    return (
      this.text as string
    );
  }
}

const stackOf = (run: () => unknown): string => {
  try {
    return String(run());
  } catch (error) {
    return String((error as Error).stack);
  }
};

export default () => [
  stackOf(() => new Thrower(Level.Low).run({ deep: true })),
  stackOf(() => require('./other.cts').fail()),
  new Thrower(Level.Low).run({ deep: false }),
];
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
`,
    'other.cts': "type Unused = {\n  a: 1;\n};\nexports.fail = (): never => {\n  throw new TypeError('other' as string);\n};\n",
  });
  const [own, other, text] = (await prepareAndLoad(project, 'app.tsx')) as string[];
  assert.match(
    own ?? '',
    new RegExp(`^Error: a\ntemplate0\n    at Thrower\\.run \\(${pathToFileURL(project.path('app.tsx')).href}:18:21\\)\n`),
  );
  assert.match(other ?? '', new RegExp(`^TypeError: other\n    at exports\\.fail \\(${project.path('other.cts')}:5:9\\)\n`));
  assert.equal(text, 'a\ntemplate');
});

test('every source of this package is laid out anew without a change of its code', async () => {
  const folder = join(root, 'src');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  assert.ok(names.length > 20, `found ${names.length} sources in ${folder}`);
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8');
    const compiled = await compileSource({
      path: join(folder, name),
      text,
      packageType: 'module',
      transform: { target: 'es2022' },
    });
    assert.equal(compiled.keepsLines, true, name);
    const lines = text.split('\n');
    const strays = compiled.code.split('\n').filter((line, at) => !wordsOf(line).every((word) => lines[at]?.includes(word)));
    // It keeps a file of types alone a module.
    assert.deepEqual(
      strays.filter((line) => line !== 'export {};'),
      [],
      name,
    );
  }
});

/**
 * Without keywords that continue a statement or an import: the compiler does not say where these came from, and no stack names them. Nor
 * with `return`, which goes where what it returns begins: no line may end after it.
 */
function wordsOf(line: string): string[] {
  return (line.match(/\b[a-zA-Z]{4,}\b/g) ?? []).filter(
    (word) => !['else', 'catch', 'finally', 'while', 'from', 'return'].includes(word),
  );
}
