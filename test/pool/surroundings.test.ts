/** Where a program with a pool runs, and how it came there. Each is a program of its own, as its author would write it. */
import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { createPool } from '../../src/pool/create-pool.ts';
import { ISOLATIONS } from '../../src/pool/pool-options.ts';
import { fixture } from './pools.ts';
import { outputOf, PRIMES, project } from './project.ts';

interface Primes {
  isPrime(n: number): boolean;
  primes(most: number): AsyncGenerator<number>;
}

/** Says what came of it in one line, for the isolations that it is given. */
const MAIN = `
  import { createPool, PreforkError } from 'prefork';
  for (const isolation of process.env.ISOLATIONS.split(',')) {
    const pool = createPool(new URL('./primes.ts', import.meta.url), { isolation, max: 1 });
    const seen = [await pool.call.isPrime(29355126551)];
    for await (const prime of pool.stream.primes(10)) seen.push(prime);
    await pool.call.fails().catch((error) => seen.push(error instanceof RangeError, error.message));
    await pool.call.none().catch((error) => seen.push(error instanceof PreforkError, error.code));
    console.log(isolation, ...seen);
    await pool.close();
  }
`;

const ALL = ['reuse', 'thread', 'fresh', 'inline'];

function saidBy(isolations: readonly string[]): string {
  return isolations.map((each) => `${each} true 2 3 5 7 true as it was meant to true ERR_NO_SUCH_FUNCTION\n`).join('');
}

/** What the program printed about these isolations. */
async function saidIn(args: readonly string[], folder: string, isolations = ALL): Promise<string> {
  return (await outputOf(args, folder, { env: { ISOLATIONS: isolations.join() } })).stdout;
}

async function bundle(folder: string, inputs: readonly string[], leftOut: 'packages' | 'nothing'): Promise<void> {
  await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: { ssr: true, outDir: 'out', minify: true, rollupOptions: { input: inputs.map((input) => join(folder, input)) } },
    ssr: leftOut === 'packages' ? { external: true } : { noExternal: true },
  });
}

suite('a pool works', { timeout: 120_000 }, () => {
  test('in a plain script', async (t) => {
    const folder = await project(t, { 'main.js': MAIN, 'primes.ts': PRIMES });
    assert.equal(await saidIn(['main.js'], folder), saidBy(ALL));
  });

  test('in code that was compiled, and names its functions as they were called before', async (t) => {
    const compiled = PRIMES.replaceAll(/: (number|boolean|never|AsyncGenerator<number>)/g, '');
    const folder = await project(t, { 'dist/main.js': MAIN, 'dist/primes.js': compiled });
    assert.equal(await saidIn(['dist/main.js'], folder, ['reuse', 'inline']), saidBy(['reuse', 'inline']));
  });

  test('in a bundle that its functions are an entry of, and prefork no part', async (t) => {
    const folder = await project(t, { 'main.ts': MAIN, 'primes.ts': PRIMES });
    await bundle(folder, ['main.ts', 'primes.ts'], 'packages');
    assert.equal(await saidIn(['out/main.js'], folder), saidBy(ALL));
  });

  test('in a bundle that prefork is a part of', async (t) => {
    const folder = await project(t, { 'main.ts': MAIN, 'primes.ts': PRIMES });
    await bundle(folder, ['main.ts', 'primes.ts'], 'nothing');
    assert.equal(await saidIn(['out/main.js'], folder), saidBy(ALL));
  });

  test('with the functions of another package of a monorepo', async (t) => {
    const main = MAIN.replace("new URL('./primes.ts', import.meta.url)", "new URL(import.meta.resolve('@our/primes'))");
    const manifest = JSON.stringify({ name: '@our/primes', type: 'module', exports: './src/primes.ts' });
    const folder = await project(t, {
      'packages/app/main.js': main,
      'packages/app/package.json': '{"type":"module"}',
      'packages/primes/package.json': manifest,
      'packages/primes/src/primes.ts': PRIMES.replace('return n > 1', 'return n > least').concat(
        "import { least } from './least.ts';",
      ),
      'packages/primes/src/least.ts': 'export const least: number = 1;',
    });
    await mkdir(join(folder, 'node_modules', '@our'));
    await symlink(join(folder, 'packages', 'primes'), join(folder, 'node_modules', '@our', 'primes'));
    assert.equal(await saidIn(['main.js'], join(folder, 'packages', 'app'), ['reuse', 'thread']), saidBy(['reuse', 'thread']));
  });

  test('in a test of node:test, which ends although nobody closed the pool', async (t) => {
    const folder = await project(t, {
      'primes.ts': PRIMES,
      'primes.test.js': `
        import assert from 'node:assert';
        import { test } from 'node:test';
        import { createPool } from 'prefork';
        for (const isolation of ['reuse', 'thread', 'fresh', 'inline']) {
          const pool = createPool(new URL('./primes.ts', import.meta.url), { isolation });
          test('is a prime, ' + isolation, async () => {
            assert.equal(await pool.call.isPrime(7), true);
            await assert.rejects(pool.call.fails(), RangeError);
          });
        }
      `,
    });
    assert.match(await saidIn(['--test'], folder), /^(?:#|ℹ) pass 4$/m);
  });

  // As vitest and jest mock them: those of the global object.
  test('in a test that mocks the timers', async (t) => {
    const folder = await project(t, { 'primes.ts': PRIMES });
    for (const isolation of ISOLATIONS) {
      const pool = createPool<Primes>(new URL(`file://${join(folder, 'primes.ts')}`), { isolation, max: 1 });
      t.after(() => pool.close({ force: true }));
      await pool.ready;
      t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
      try {
        assert.equal(await pool.call.isPrime(29_355_126_551), true);
        const primes: number[] = [];
        for await (const prime of pool.stream.primes(10)) primes.push(prime);
        assert.deepEqual(primes, [2, 3, 5, 7]);
      } finally {
        t.mock.timers.reset();
      }
    }
  });

  // What jest does to every module, and vitest to those of vmThreads and vmForks.
  test('in a context of its own, with other classes than those of Node', async (t) => {
    const folder = await project(t, { 'main.js': MAIN, 'primes.ts': PRIMES });
    const args = ['--experimental-vm-modules', fileURLToPath(fixture('own-context.mjs')), join(folder, 'main.js')];
    assert.equal(await saidIn(args, folder), saidBy(ALL));
  });
});
