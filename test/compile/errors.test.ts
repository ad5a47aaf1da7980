import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { prepareEntry } from '../../src/compile/prepare.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { createProject, type Project } from './project.ts';

const REFUSED: readonly { name: string; files: Readonly<Record<string, string>>; entry: string; says: RegExp }[] = [
  {
    name: 'a syntax error',
    files: { 'app.ts': "import './lib/bad.ts';", 'lib/bad.ts': 'const ü = "ä€";\nconst a: = 1;\n' },
    entry: 'app.ts',
    says: /^@\/lib\/bad\.ts:2:10: the compiler found: Unexpected token; expected valid code, correct the file and load it again$/,
  },
  {
    name: 'an error beyond syntax, its place counted in characters and not in bytes',
    files: { 'app.ts': 'const ü = "ä€";\nlet a = "ü€", a = 2;\nexport default a;' },
    entry: 'app.ts',
    says: /^@\/app\.ts:2:15: the compiler found: Identifier `a` has already been declared; expected valid code, correct the file/,
  },
  {
    name: 'an import that leads nowhere',
    files: { 'app.ts': "\n  import { x } from './missing.ts';\nexport default x;" },
    entry: 'app.ts',
    says: /^@\/app\.ts:2:\d+: found an import of "\.\/missing\.ts", which leads nowhere \(.+\); expected a file or an installed package, correct the specifier$/,
  },
  {
    name: 'a standard decorator',
    files: { 'app.ts': 'const mark = () => {};\nclass A {\n  @mark a = 1;\n}\nexport default A;' },
    entry: 'app.ts',
    says: /^@\/app\.ts:3:3: found a standard decorator, which no Node version runs yet: set "experimentalDecorators": true in tsconfig\.json, or leave it out$/,
  },
  {
    name: 'an accessor field',
    files: { 'app.ts': 'export default class { accessor a = 1 }' },
    entry: 'app.ts',
    says: /^@\/app\.ts:1:24: found an "accessor" field, which no Node version runs yet: write a getter and a setter$/,
  },
  {
    name: 'two module systems in one file',
    files: { 'app.cts': "import { basename } from 'node:path';\nexport = basename;" },
    entry: 'app.cts',
    says: /^@\/app\.cts:2:1: found "export =" in an ES module, expected one module system: write "export default", or turn each import into/,
  },
  {
    name: 'a broken tsconfig.json',
    files: { 'app.ts': 'export default 1;', 'tsconfig.json': '{ "extends": "./missing.json" }' },
    entry: 'app.ts',
    says: /^the tsconfig\.json for @ can't be read \(.+\): correct it, or remove it$/,
  },
];

for (const { name, files, entry, says } of REFUSED) {
  test(`refuses ${name}`, async (t) => {
    const { project, error } = await refusal(t, files, entry);
    assert.equal(error.code, 'ERR_HANDLER_LOAD');
    assert.match(error.message.replaceAll(project.folder, '@'), says);
  });
}

test('a missing entry is an error of its own', async (t) => {
  const { project, error } = await refusal(t, {}, 'app.ts');
  assert.equal(error.code, 'ERR_ENTRY_NOT_FOUND');
  assert.ok(error.message.startsWith(`entry: found no file ${project.path('app.ts')} `), error.message);
});

async function refusal(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  entry: string,
): Promise<{ project: Project; error: PreforkError }> {
  const project = await createProject(t, files);
  try {
    await prepareEntry(project.path(entry), { cacheDir: project.cacheDir });
  } catch (error) {
    assert.ok(error instanceof PreforkError, String(error));
    assert.equal(error.message.includes('\n'), false, 'more than one line');
    return { project, error };
  }
  return assert.fail('it was accepted');
}
