import assert from 'node:assert/strict';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { PRIMES } from '../pool/project.ts';
import { get } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { allRuntimes } from '../versions/runtimes.ts';
import { addFiles, type Installed, installPacked, packagesWithScripts, run } from './installed.ts';

const TSC = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');

/** What a program does with prefork, whichever way it came by it. */
const USE = `
  async function use({ createPool, offload, PreforkError }, { workerData }) {
    const pool = createPool('primes.ts', { max: 1 });
    console.log(await pool.call.isPrime(29355126551), workerData());
    for await (const prime of pool.stream.primes(6)) console.log(prime);
    await pool.call.none().catch((error) => console.log(error instanceof PreforkError, error.code));
    await pool.close();
    const route = offload('report.ts', { max: 1, spares: 0 });
    const server = http.createServer(route).listen(0, '127.0.0.1', async () => {
      const answer = await fetch('http://127.0.0.1:' + server.address().port + '/report?of=7');
      console.log(answer.status, await answer.text());
      server.closeAllConnections();
      server.close();
      await route.close();
    });
  }
`;

const SAID = 'true undefined\n2\n3\n5\ntrue ERR_NO_SUCH_FUNCTION\n200 /report?of=7\n';

const FILES = {
  'primes.ts': PRIMES,
  'report.ts': `
    export default (request: Request): Response => {
      const { pathname, search }: URL = new URL(request.url);
      return new Response(pathname + search);
    };
  `,
  'module.js': `import http from 'node:http'; import * as prefork from 'prefork'; import * as worker from 'prefork/worker'; ${USE} await use(prefork, worker);`,
  'common.cjs': `const http = require('node:http'); ${USE} use(require('prefork'), require('prefork/worker'));`,
  'back-doors.js': `
    for (const path of ['dist/index.js', 'dist/pool/create-pool.js', 'src/index.ts', 'worker/api.js', 'cli'])
      await import('prefork/' + path).then(() => console.log(path), (error) => console.log(error.code));
  `,
};

const USER = `
  import { createPool, offload, OffloadError, PreforkError, serve, type ErrorCode } from 'prefork';
  import { offloaded, report, signal } from 'prefork/worker';

  await using pool = createPool<typeof import('./primes.js')>(new URL('./primes.ts', import.meta.url));
  const answer: boolean = await pool.call.isPrime(7);
  for await (const prime of pool.stream.primes(7)) report(prime satisfies number);
  // @ts-expect-error It takes a number.
  await pool.call.isPrime('7');
  const route = offload('./report.ts', { deadline: '30s' });
  const server = await serve({ entry: 'report.ts', mode: 'pool', port: 0 });
  await server.close();
  export const code = (error: unknown): ErrorCode | undefined =>
    error instanceof PreforkError || error instanceof OffloadError ? error.code : undefined;
  export { answer, offloaded, route, signal };
`;

const COMMON_USER = `
  import prefork = require('prefork');
  export const pool: prefork.Pool<{ isPrime(n: number): boolean }> = prefork.createPool('primes.ts');
`;

suite('installed from its archive into an empty folder', { timeout: 600_000 }, async () => {
  let installed: Installed;

  before(async () => {
    installed = await installPacked();
    await addFiles(installed, FILES);
  });
  after(() => installed[Symbol.asyncDispose]());

  test('it brings no package that runs a script', async () => {
    assert.deepEqual(await packagesWithScripts(installed), []);
  });

  test('it has no back doors', async () => {
    const { stdout } = await run(process.execPath, ['back-doors.js'], installed.folder);
    assert.equal(stdout, 'ERR_PACKAGE_PATH_NOT_EXPORTED\n'.repeat(5));
  });

  const runtimes = await allRuntimes();
  for (const { name, path } of runtimes) {
    test(`${name}: a CommonJS module requires it`, async () => {
      const outcome = await run(path, ['common.cjs'], installed.folder, path);
      assert.deepEqual(outcome, { code: 0, stdout: SAID, stderr: '' });
    });
  }

  // How a module is required differs from version to version; how it is imported does not, nor does what a command is.
  for (const { name, path } of runtimes.filter((_, index) => index === 0 || index === runtimes.length - 1)) {
    test(`${name}: a module imports it`, async () => {
      const outcome = await run(path, ['module.js'], installed.folder, path);
      assert.deepEqual(outcome, { code: 0, stdout: SAID, stderr: '' });
    });

    test(`${name}: npx runs its command, which serves TypeScript`, async () => {
      const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
      const outcome = await run('npx', ['--no-install', 'prefork', '--version'], installed.folder, path);
      assert.deepEqual(outcome, { code: 0, stdout: `${version}\n`, stderr: '' });
      await using server = await startServer({
        node: path,
        bin: installed.bin,
        cwd: installed.folder,
        entry: 'report.ts',
        args: ['--max', '1', '--spares', '0'],
        env: { NODE_V8_COVERAGE: undefined },
      });
      const answer = await get(`${server.url}/a?b=c`);
      assert.deepEqual([answer.status, answer.text()], [200, '/a?b=c']);
      server.signal('SIGTERM');
      assert.deepEqual(await server.exited(), { code: 0, signal: null });
    });
  }

  test('its types hold for whoever compiles them, with all that they need', async () => {
    const options = { target: 'es2022', strict: true, skipLibCheck: false, noEmit: true, types: ['node'] };
    await addFiles(installed, {
      'types/user.ts': USER,
      'types/primes.ts': PRIMES,
      'types/common.cts': COMMON_USER,
      'types/nodenext.json': { compilerOptions: { ...options, module: 'nodenext' }, include: ['*.ts', '*.cts'] },
      'types/bundler.json': {
        compilerOptions: { ...options, module: 'esnext', moduleResolution: 'bundler' },
        files: ['user.ts'],
      },
    });
    await mkdir(join(installed.folder, 'node_modules', '@types'), { recursive: true });
    for (const name of ['node', '../undici-types'])
      await symlink(join(root, 'node_modules', '@types', name), join(installed.folder, 'node_modules', '@types', name));
    for (const project of ['nodenext.json', 'bundler.json']) {
      const outcome = await run(process.execPath, [TSC, '-p', project], join(installed.folder, 'types'));
      assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' }, project);
    }
  });
});
