/** The runners that others test with: vitest and jest as they come, in a project as its author would write it. */
import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { before, suite, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../support/paths.ts';
import { allRuntimes } from '../versions/runtimes.ts';
import { outputOf, PRIMES, project } from './project.ts';

const RUNNERS = join(root, 'test', 'runners');
const MODULES = join(RUNNERS, 'node_modules');
const VITEST = join(MODULES, 'vitest', 'vitest.mjs');
const JEST = ['--experimental-vm-modules', join(MODULES, 'jest', 'bin', 'jest.js')];

interface InstallModule {
  installLocked(folder: string): void;
}

/** Nobody closes the pools: an idle one keeps no run from its end. */
const SPEC = `
  for (const isolation of ['reuse', 'thread']) {
    const pool = createPool(PRIMES, { isolation, max: 1 });
    test(isolation, async () => {
      expect(await pool.call.isPrime(29355126551)).toBe(true);
      const seen = [];
      for await (const prime of pool.stream.primes(10)) seen.push(prime);
      expect(seen).toEqual([2, 3, 5, 7]);
      await expect(pool.call.fails()).rejects.toBeInstanceOf(RangeError);
      await expect(pool.call.fails()).rejects.toThrow('as it was meant to');
      await expect(pool.call.none()).rejects.toBeInstanceOf(PreforkError);
      const controller = new AbortController();
      const looping = pool.run('forever', [], { signal: controller.signal });
      controller.abort(new TypeError('no more'));
      await expect(looping).rejects.toBe(controller.signal.reason);
    });
  }
`;

const AS_MODULE = SPEC.replace('PRIMES', "new URL('./primes.ts', import.meta.url)");
const FILES = {
  'primes.ts': PRIMES.replace('return n > 1', 'return n > least').concat("import { least } from './least.ts';"),
  'least.ts': 'export const least: number = 1;',
};

async function vitest(t: TestContext, pool: string): Promise<string> {
  const spec = `import { expect, test } from 'vitest'; import { createPool, PreforkError } from 'prefork'; ${AS_MODULE}`;
  const folder = await project(t, { ...FILES, 'primes.test.js': spec });
  await symlink(join(MODULES, 'vitest'), join(folder, 'node_modules', 'vitest'));
  return (await outputOf([VITEST, 'run', '--root', folder, '--pool', pool], folder, { env: { NO_COLOR: '1' } })).stdout;
}

async function jest(t: TestContext, file: string, spec: string, node?: string): Promise<string> {
  const config = { transform: {}, testEnvironment: 'node', testMatch: [`**/${file}`], watchman: false, cacheDirectory: 'cache' };
  const folder = await project(t, { ...FILES, [file]: spec, 'jest.config.json': JSON.stringify(config) });
  return (await outputOf(JEST, folder, { node })).stderr;
}

suite('a pool works in a test that is run by', { timeout: 300_000 }, async () => {
  const node24 = (await allRuntimes()).find(({ name }) => name === 'node24')?.path;

  before(async () => {
    const url = pathToFileURL(join(root, 'tools', 'install-locked.mjs')).href;
    ((await import(url)) as InstallModule).installLocked(RUNNERS);
  });

  for (const pool of ['forks', 'vmThreads'])
    test(`vitest, in its ${pool}`, async (t) => {
      assert.match(await vitest(t, pool), /^ +Tests +2 passed \(2\)$/m);
    });

  test('jest, as an ES module', async (t) => {
    const spec = `import { createPool, PreforkError } from 'prefork'; ${AS_MODULE}`;
    assert.match(await jest(t, 'primes.test.js', spec), /^Tests: +2 passed, 2 total$/m);
  });

  // jest has a require of its own, which takes no ES module on older ones.
  const skip = node24 === undefined && 'there is no Node 24 here';
  test('jest, as a CommonJS module on Node 24', { skip }, async (t) => {
    const asCommon = SPEC.replace('PRIMES', "require('node:path').join(__dirname, 'primes.ts')");
    const spec = `const { createPool, PreforkError } = require('prefork'); ${asCommon}`;
    assert.match(await jest(t, 'primes.test.cjs', spec, node24), /^Tests: +2 passed, 2 total$/m);
  });
});
