import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { rename, rm, symlink } from 'node:fs/promises';
import { test } from 'node:test';
import { prepareEntry } from '../../src/compile/prepare.ts';
import { createProject } from './project.ts';
import { load } from './run-fixture.ts';

const FILES = {
  'app.js':
    "import { one } from './lib/one.js';\nimport { createRequire } from 'node:module';\nexport default () => one + createRequire(import.meta.url)('./two.cjs');",
  'lib/one.js': 'export const one = 1;',
  'two.cjs': "module.exports = require('./three.cjs') - 1;",
  'three.cjs': 'module.exports = 3;',
};

test('plain JavaScript that has changed since is kept as it was read, whatever its files are now', async (t) => {
  const project = await createProject(t, FILES);
  const old = await prepareEntry(project.path('app.js'), { cacheDir: project.cacheDir });
  await project.write('lib/one.js', 'export const one = ;');
  await project.write('app.js', 'throw new Error("broken");');
  const manifest = await old.freeze();
  assert.ok(manifest !== null);
  assert.equal(await load(manifest, project.path('app.js')), 3);
  await project.write('app.js', "import { one } from './lib/one.js';\nexport default () => one;");
  await project.write('lib/one.js', 'export const one = 10;');
  assert.equal(await old.freeze(), manifest);
  assert.equal(await load(manifest, project.path('app.js')), 3);
  const now = await prepareEntry(project.path('app.js'), { cacheDir: project.cacheDir });
  assert.equal(await load(now.manifest, project.path('app.js')), 10);
});

test('compiled code is apart from its files anyway', async (t) => {
  const project = await createProject(t, { 'app.ts': 'export default (): number => 1;' });
  const { manifest, freeze } = await prepareEntry(project.path('app.ts'), { cacheDir: project.cacheDir });
  await project.write('app.ts', 'broken');
  assert.equal(await freeze(), manifest);
});

test('what can not be kept is said, and no reason to fail', async (t) => {
  const project = await createProject(t, FILES);
  const { freeze } = await prepareEntry(project.path('app.js'), { cacheDir: project.cacheDir });
  await project.write('app.js', 'broken');
  await rm(project.path('lib/one.js'));
  const notices: string[] = [];
  const listener = (event: unknown): void => void notices.push(String(Object(event).message));
  subscribe('prefork:server:notice', listener);
  t.after(() => unsubscribe('prefork:server:notice', listener));
  assert.equal(await freeze(), null);
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /^the code in force can not be kept .*lib\/one\.js/);
});

test('a link that leads to other files by now is a change too', async (t) => {
  const project = await createProject(t, {
    'one/app.js': 'export default () => 1;',
    'two/app.js': 'export default () => 2;',
  });
  await symlink('one', project.path('current'));
  const entry = project.path('current/app.js');
  const { freeze } = await prepareEntry(entry, { cacheDir: project.cacheDir });
  assert.equal(await freeze(), null);
  await symlink('two', project.path('next'));
  await rename(project.path('next'), project.path('current'));
  const manifest = await freeze();
  assert.ok(manifest !== null);
  assert.equal(await load(manifest, entry), 1);
});
