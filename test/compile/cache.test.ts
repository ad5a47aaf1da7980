import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openCacheFolder } from '../../src/compile/cache-folder.ts';
import { prepareEntry } from '../../src/compile/prepare.ts';
import { pruneCache } from '../../src/compile/prune.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { createProject } from './project.ts';
import { load, prepareElsewhere } from './run-fixture.ts';

const FILES = {
  'app.ts': "import { one } from './one.ts';\nexport default (): number => one;",
  'one.ts': 'export const one: number = 1;',
};

test('what is unchanged is not compiled again, and what changed is all that is', async (t) => {
  const project = await createProject(t, FILES);
  const options = { cacheDir: project.cacheDir };
  const first = await prepareEntry(project.path('app.ts'), options);
  assert.equal(first.compiled, 2);
  const second = await prepareElsewhere(project, 'app.ts');
  // What it can do does not come over from another process.
  const { freeze: _freeze, ...facts } = first;
  assert.deepEqual(second, { ...facts, compiled: 0 });

  await project.write('one.ts', 'export const one: number = 2;');
  const third = await prepareEntry(project.path('app.ts'), options);
  assert.equal(third.compiled, 1);
  assert.notEqual(third.manifest, first.manifest);
  assert.equal(await load(third.manifest, project.path('app.ts')), 2);
  assert.equal(await load(first.manifest, project.path('app.ts')), 1, 'the old build serves old workers until they are gone');

  await project.write('tsconfig.json', '{ "compilerOptions": { "verbatimModuleSyntax": true } }');
  assert.equal((await prepareEntry(project.path('app.ts'), options)).compiled, 2, 'other options give other code');
});

test('several servers prepare the same entry at the same time', async (t) => {
  const project = await createProject(t, FILES);
  const all = await Promise.all([1, 2, 3, 4].map(() => prepareElsewhere(project, 'app.ts')));
  const [first] = all;
  for (const prepared of all) assert.equal(prepared.manifest, first?.manifest);
  assert.equal(await load(first?.manifest ?? null, project.path('app.ts')), 1);
  const builds = await readdir(join(project.cacheDir, 'builds'));
  assert.equal(builds.length, 1, `drafts were left: ${builds.join()}`);
  const modules = await readdir(join(project.cacheDir, 'modules'));
  assert.equal(modules.length, 2, `drafts were left: ${modules.join()}`);
});

test('files that were cut short are made again', async (t) => {
  const project = await createProject(t, FILES);
  const options = { cacheDir: project.cacheDir };
  const { manifest } = await prepareEntry(project.path('app.ts'), options);
  assert.ok(manifest !== null);
  for (const name of await readdir(dirname(manifest))) await truncate(join(dirname(manifest), name), 3);
  for (const name of await readdir(join(project.cacheDir, 'modules'))) await truncate(join(project.cacheDir, 'modules', name), 3);
  const again = await prepareEntry(project.path('app.ts'), options);
  assert.equal(again.compiled, 2);
  assert.equal(await load(again.manifest, project.path('app.ts')), 1);
});

test('the folder and all in it are for its owner alone', async (t) => {
  const project = await createProject(t, FILES);
  const { manifest } = await prepareEntry(project.path('app.ts'), { cacheDir: project.cacheDir });
  assert.ok(manifest !== null);
  for (const path of [project.cacheDir, join(project.cacheDir, 'modules'), dirname(manifest), manifest]) {
    assert.equal((await stat(path)).mode & 0o077, 0, path);
  }
});

test('a folder that others can write to, or a link to a folder, is refused', async (t) => {
  const project = await createProject(t, FILES);
  const open = project.path('open');
  await mkdir(open);
  await chmod(open, 0o777);
  await mkdir(project.path('safe'), { mode: 0o700 });
  await symlink(project.path('safe'), project.path('link'));
  for (const cacheDir of [open, project.path('link'), project.path('app.ts')]) {
    await assert.rejects(prepareEntry(project.path('app.ts'), { cacheDir }), (error: unknown) => {
      assert.ok(error instanceof PreforkError, String(error));
      assert.equal(error.code, 'ERR_BAD_OPTION');
      assert.ok(error.message.startsWith(`cacheDir: found ${cacheDir} (`), error.message);
      return true;
    });
  }
});

test('by default the folder is in the user’s cache, and elsewhere when that is not safe', async (t) => {
  const project = await createProject(t, {});
  const before = process.env['XDG_CACHE_HOME'];
  t.after(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  });
  process.env['XDG_CACHE_HOME'] = project.path('home');
  assert.equal((await openCacheFolder(undefined)).path, project.path('home/prefork'));
  await chmod(project.path('home/prefork'), 0o777);
  const other = (await openCacheFolder(undefined)).path;
  assert.equal(other.startsWith(project.path('home')), false);
  assert.equal((await stat(other)).mode & 0o077, 0);
  assert.equal((await openCacheFolder(undefined)).path, other, 'one for each process');
});

test('old builds go, but not those of a living server and not the youngest', async (t) => {
  const project = await createProject(t, FILES);
  const { manifest } = await prepareEntry(project.path('app.ts'), { cacheDir: project.cacheDir });
  assert.ok(manifest !== null);
  const builds = join(project.cacheDir, 'builds');
  const longAgo = new Date(Date.now() - 86_400_000);
  for (const [name, at] of [
    ['old', longAgo],
    ['dead', longAgo],
    ['young', new Date()],
  ] as const) {
    await mkdir(join(builds, name));
    await utimes(join(builds, name), at, at);
  }
  await utimes(dirname(manifest), longAgo, longAgo);
  // No process has this number: it is beyond the largest that Linux gives.
  const deadServer = join(project.cacheDir, 'servers', '99999999.json');
  await writeFile(deadServer, JSON.stringify(['dead']));
  await pruneCache(project.cacheDir, { keepCount: 1, keepMs: 3_600_000 }, { keepCount: 0, keepMs: 0 });
  const held = dirname(manifest).slice(builds.length + 1);
  assert.deepEqual((await readdir(builds)).toSorted(), [held, 'young'].toSorted());
  assert.deepEqual(await readdir(join(project.cacheDir, 'modules')), []);
  assert.deepEqual(await readdir(join(project.cacheDir, 'servers')), [`${process.pid}.json`]);
});
