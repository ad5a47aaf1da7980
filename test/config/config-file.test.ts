import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { importModule, readConfigFile } from '../../src/config/config-file.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { expectBadOption } from './expect-bad-option.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('there need not be a config file, and none above the working directory counts', async (t) => {
  const folder = await temporaryFolder(t, { 'prefork.config.json': '{ "port": 1 }' });
  await mkdir(join(folder, 'below'));
  assert.equal(await readConfigFile(join(folder, 'below'), undefined, importModule), undefined);
});

const FOUND: readonly [string, string][] = [
  ['prefork.config.js', 'module.exports = { port: 1, deadline: "3s" }'],
  ['prefork.config.mjs', 'export default { port: 1, deadline: "3s" }'],
  ['prefork.config.json', '\uFEFF{ "port": 1, "deadline": "3s" }'],
];

for (const [name, content] of FOUND) {
  test(`finds ${name}`, async (t) => {
    const folder = await temporaryFolder(t, { [name]: content });
    const file = await readConfigFile(folder, undefined, importModule);
    assert.equal(file?.path, join(folder, name));
    assert.deepEqual(file.layer, { port: 1, deadline: 3_000 });
    assert.equal(file.labelOf('port'), `${name}, port`);
  });
}

test('TypeScript goes before JavaScript, and through the loader that was passed in', async (t) => {
  const folder = await temporaryFolder(t, {
    'prefork.config.ts': 'export default { port: 1 as number }',
    'prefork.config.js': 'module.exports = { port: 2 }',
  });
  const loaded: string[] = [];
  const file = await readConfigFile(folder, undefined, async (path) => {
    loaded.push(path);
    return { default: { port: 1 } };
  });
  assert.deepEqual(loaded, [join(folder, 'prefork.config.ts')]);
  assert.deepEqual(file?.layer, { port: 1 });
});

test('reads the file that was named, and no other', async (t) => {
  const folder = await temporaryFolder(t, { 'prefork.config.json': '{ "port": 1 }', 'other.json': '{ "port": 2 }' });
  const file = await readConfigFile(folder, './other.json', importModule);
  assert.deepEqual(file?.layer, { port: 2 });
  assert.equal(file.path, join(folder, 'other.json'));
});

test('an empty file sets nothing', async (t) => {
  const folder = await temporaryFolder(t, { 'prefork.config.json': ' \n' });
  const file = await readConfigFile(folder, undefined, importModule);
  assert.deepEqual(file?.layer, {});
});

const REFUSED: readonly [string, string, string, string][] = [
  [
    'an unknown key',
    'a.json',
    '{ "deadlin": "3s" }',
    'a.json: found the unknown option "deadlin", expected deadline, or another option of serve',
  ],
  ['a wrong value', 'a.json', '{ "deadline": "3" }', 'a.json, deadline: found "3", expected a duration such as 500ms, 30s or 5m'],
  [
    'null',
    'a.json',
    '{ "host": null }',
    'a.json, host: found null, expected a host name or an IP address, without scheme and port',
  ],
  ['no object', 'a.json', '[]', 'a.json: found an array, expected a plain object with options'],
  ['a function', 'a.mjs', 'export default () => ({})', 'a.mjs: found a function, expected a plain object with options'],
  [
    'no default export',
    'a.mjs',
    'export const port = 1',
    'a.mjs: found no default export, expected export default defineConfig({ ... })',
  ],
  [
    'a module that throws',
    'a.mjs',
    'throw new Error("no\\nluck")',
    'a.mjs: found a file that can not be loaded (no), expected a config file',
  ],
  [
    'another kind of file',
    'a.yaml',
    'port: 1',
    'config file: found "a.yaml", expected a file that ends in .ts, .js, .mjs, .json',
  ],
];

for (const [name, file, content, message] of REFUSED) {
  test(`refuses ${name}`, async (t) => {
    const folder = await temporaryFolder(t, { [file]: content });
    await expectBadOption(() => readConfigFile(folder, file, importModule), message);
  });
}

const REFUSED_KEYS = ['entry', 'config', '__proto__', 'constructor', 'toString'];
for (const key of REFUSED_KEYS) {
  test(`refuses the key ${key}, and no prototype is hurt`, async (t) => {
    const folder = await temporaryFolder(t, { 'prefork.config.json': `{ "${key}": { "port": 1 } }` });
    await assert.rejects(readConfigFile(folder, undefined, importModule), (error) => {
      assert.ok(error instanceof PreforkError);
      assert.match(error.message, new RegExp(`^prefork\\.config\\.json: found the unknown option "${key}", expected `));
      return true;
    });
    assert.equal('port' in {}, false);
  });
}

test('refuses a file that is not there, a folder and broken JSON', async (t) => {
  const folder = await temporaryFolder(t, { 'broken.json': '{ port: 1 }' });
  await mkdir(join(folder, 'folder.json'));
  await assert.rejects(readConfigFile(folder, 'missing.json', importModule), { code: 'ERR_BAD_OPTION', message: /ENOENT/ });
  await assert.rejects(readConfigFile(folder, 'folder.json', importModule), { code: 'ERR_BAD_OPTION', message: /EISDIR/ });
  await assert.rejects(readConfigFile(folder, 'broken.json', importModule), {
    code: 'ERR_BAD_OPTION',
    message: /^broken\.json: found a file that can not be loaded \(.*JSON.*\), expected a config file$/,
  });
});
