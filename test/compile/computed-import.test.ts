import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject } from './project.ts';
import { prepareAndLoad } from './run-fixture.ts';

test('a computed import finds what another file imports by a constant, packages and plain JavaScript', async (t) => {
  const project = await createProject(t, {
    'app.ts': `import './plugins/typed.ts';
const load = async (name: string): Promise<unknown> => ((await import(name)) as { value: unknown }).value;
export default () => Promise.all(['./plugins/typed.ts', './plugins/typed.js', './plugins/typed', './plugins/plain.js', 'pack', 'node:path']
  .map(async (name) => (await load(name)) ?? null));`,
    'plugins/typed.ts': "export const value: string = 'typed';",
    'plugins/plain.js': "export const value = 'plain';",
    'node_modules/pack/package.json': '{ "name": "pack", "type": "module", "exports": { "import": "./index.js" } }',
    'node_modules/pack/index.js': "export const value = 'pack';",
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), ['typed', 'typed', 'typed', 'plain', 'pack', null]);
});

test('import() of a constant is compiled, and works in CommonJS too', async (t) => {
  const project = await createProject(t, {
    'package.json': '{ "type": "commonjs" }',
    'app.cts': "module.exports = async () => [(await import('./late.mts')).value, (await import('./la' + 'te.mts')).value];",
    'late.mts': 'export const value: number = 1;',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.cts'), [1, 1]);
});

test('a package that is missing may be missing where the program is ready for it', async (t) => {
  const project = await createProject(t, {
    'app.ts':
      "export default () => import('not-installed').catch((error: NodeJS.ErrnoException) => [error.code, error.message]);",
  });
  const found = await prepareAndLoad(project, 'app.ts');
  assert.deepEqual(found, [
    'ERR_MODULE_NOT_FOUND',
    `Cannot find package 'not-installed' imported from ${project.path('app.ts')}`,
  ]);
});

test('a computed import of a file that was not compiled says which and what to do, unless this Node can run it', async (t) => {
  const project = await createProject(t, {
    'app.ts': `const load = (name: string): Promise<unknown> => import(name).then((module) => module.value, (error) => [error.code, error.message]);
export default async () => [await load('./unlisted.ts'), await load('./unlisted.tsx')];`,
    'unlisted.ts': 'export const value: number = 1;',
    'unlisted.tsx': 'export const value = <a/>;',
  });
  const refusal = (name: string): string[] => [
    'ERR_HANDLER_LOAD',
    `file://${project.path(name)}: found a computed import of it, expected only files that the entry reaches by constant specifiers, ` +
      "since these are compiled before a worker starts: write import('./its/path') in full somewhere",
  ];
  const stripsTypes = 'typescript' in process.features && Boolean(process.features.typescript);
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), [stripsTypes ? 1 : refusal('unlisted.ts'), refusal('unlisted.tsx')]);
});

test('a computed require() gives the same instance as an import', async (t) => {
  const project = await createProject(t, {
    'app.ts': `import { createRequire } from 'node:module';
import { state } from './state.cts';
const require = createRequire(import.meta.url);
export default () => [require('./sta' + 'te.cts').state === state, require('./sta' + 'te').state === state];`,
    'state.cts': 'const state: object = {};\nexports.state = state;',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), [true, true]);
});
