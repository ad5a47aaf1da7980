import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { resolveEntry } from '../../src/config/entry.ts';
import { expectBadOption } from './expect-bad-option.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('finds a file by path, absolute path, URL and URL text', async (t) => {
  const folder = await temporaryFolder(t, { 'app b.js': '' });
  const path = join(folder, 'app b.js');
  const url = pathToFileURL(path);
  for (const entry of ['app b.js', './app b.js', path, url, url.href]) assert.equal(await resolveEntry(entry, folder), path);
});

test('leaves a symbolic link as it is', async (t) => {
  const folder = await temporaryFolder(t, { 'app.js': '' });
  await symlink('app.js', join(folder, 'current.js'));
  assert.equal(await resolveEntry('current.js', folder), join(folder, 'current.js'));
});

test('finds a file under the name that it has before or after it is compiled, where the other one is not there', async (t) => {
  const folder = await temporaryFolder(t, { 'a.js': '', 'b.ts': '', 'c.tsx': '', 'd.mjs': '', 'both.ts': '', 'both.js': '' });
  const found = async (name: string): Promise<string> => basename(await resolveEntry(name, folder));
  assert.deepEqual(await Promise.all(['a.ts', 'a.tsx', 'b.js', 'c.js', 'd.mts'].map(found)), [
    'a.js',
    'a.js',
    'b.ts',
    'c.tsx',
    'd.mjs',
  ]);
  assert.deepEqual(await Promise.all(['both.ts', 'both.js'].map(found)), ['both.ts', 'both.js']);
  await assert.rejects(found('d.ts'), { code: 'ERR_ENTRY_NOT_FOUND' });
});

test('names the file that was probably meant', async (t) => {
  const folder = await temporaryFolder(t, { 'server.ts': '' });
  for (const entry of ['server', 'sever.ts']) {
    await assert.rejects(resolveEntry(entry, folder), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ERR_ENTRY_NOT_FOUND');
      assert.match(
        error.message,
        /^entry: found no file ".*, expected "server\.ts" in the same folder, or another existing file$/,
      );
      return true;
    });
  }
});

test('refuses what is no file', async (t) => {
  const folder = await temporaryFolder(t, {});
  await mkdir(join(folder, 'app'));
  const cases: readonly [string, RegExp][] = [
    ['app', /^entry: found the directory "app", expected a file such as \.\/server\.js$/],
    ['nowhere/app.js', /^entry: found no file ".*, expected the path of an existing file$/],
    ['a\0b', /^entry: found no file ".*, expected the path of an existing file$/],
    ['/dev/null', /^entry: found "\/dev\/null", which is no regular file, expected a file such as \.\/server\.js$/],
  ];
  for (const [entry, message] of cases) {
    await assert.rejects(resolveEntry(entry, folder), { code: 'ERR_ENTRY_NOT_FOUND', message });
  }
});

test('refuses what is neither a path nor a file: URL', async () => {
  const expected = 'expected a path such as ./server.js, or a file: URL';
  const cases: readonly [unknown, string][] = [
    [undefined, 'undefined'],
    ['', '""'],
    [42, '42'],
    [new URL('http://localhost/app.js'), '"http://localhost/app.js"'],
    ['file://elsewhere/app.js', '"file://elsewhere/app.js"'],
  ];
  for (const [entry, shown] of cases) {
    await expectBadOption(() => resolveEntry(entry, '/'), `entry: found ${shown}, ${expected}`);
  }
});
