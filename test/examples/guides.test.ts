/** The programs that the guides show. What they print is in the comments behind the lines that print it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { outputOf } from '../pool/project.ts';
import { endsWithTest } from '../support/ends-with-test.ts';
import { get } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { allRuntimes } from '../versions/runtimes.ts';

const EXAMPLES = join(root, 'examples', 'guides');
const LONG = { timeout: 120_000 };

/** Starts a program that listens, on a port of its own. */
async function started(path: string) {
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, PORT: '0', NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endsWithTest(child);
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let [output, errors] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => void (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => void (errors += bytes.toString()));
  const describe = (): string => `the address; it printed ${output}${errors}`;
  const [, url = ''] = await until(() => /listening on (\S+)\n/.exec(output), { describe, withinMs: 60_000 });
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return (await exit)[0];
  };
  return { url, end, errors: () => errors };
}

suite('the examples of pools', LONG, async () => {
  // They are TypeScript, and have `await using`.
  const node = (await allRuntimes()).findLast(({ name }) => Number(name.slice('node'.length)) >= 24)?.path;
  const skip = node === undefined && 'there is no Node 24 here';

  for (const name of [
    'pool/first',
    'pool/errors',
    'pool/deadlines',
    'pool/streams',
    'pool/progress',
    'pool/sizing',
    'peers/moved',
  ])
    test(`${name}.ts prints what it says`, { skip }, async () => {
      const path = join(EXAMPLES, `${name}.ts`);
      const said = [...(await readFile(path, 'utf8')).matchAll(/console\.log\(.*\/\/ (.+)$/gm)].map(([, comment]) => comment);
      assert.ok(said.length > 0);
      const { stdout } = await outputOf([path], root, { node });
      assert.deepEqual(
        stdout.trimEnd().split('\n'),
        said.flatMap((comment) => comment?.split(', ')),
      );
    });

  test('primes.test.ts is a test that passes', { skip }, async () => {
    const { stdout } = await outputOf(['--test', join(EXAMPLES, 'pool', 'primes.test.ts')], root, { node });
    assert.match(stdout, /^(?:#|ℹ) pass 1$/m);
  });
});

suite('the examples of offloaded routes', LONG, () => {
  test('first.js reports', async () => {
    const app = await started(join(EXAMPLES, 'offload', 'first.js'));
    const report = (await get(app.url)).json() as { readonly year: string };
    assert.equal(report.year, '2026');
    await app.end();
  });

  test('app.js reports to whom it knows, handles errors, and ends when it is told', async () => {
    const app = await started(join(EXAMPLES, 'offload', 'app.js'));
    const at = (path: string): string => new URL(path, app.url).href;
    const { pid, ...report } = (await get(at('/report/2026?to=5'), { headers: { 'x-user': 'ada' } })).json() as {
      readonly pid: number;
    };
    assert.deepEqual(report, { year: '2026', to: '5', context: { user: 'ada' } });
    assert.notEqual(pid, process.pid);
    const [forever, broken, exported, home] = await Promise.all(
      ['/forever', '/report/1582', '/export', '/'].map((path) => get(at(path))),
    );
    assert.deepEqual([broken?.status, broken?.json()], [500, { code: 'ERR_HANDLER_THREW' }]);
    assert.deepEqual([forever?.status, forever?.json()], [504, { code: 'ERR_DEADLINE' }]);
    assert.equal(exported?.text(), 'an export');
    assert.equal(home?.text(), 'never blocked\n');
    assert.match(app.errors(), /^ERR_HANDLER_THREW .*ten days of that year are missing$/m);
    assert.equal(await app.end(), 0);
  });
});

suite('the examples of servers', LONG, () => {
  test('start.js serves server.js until it is told to end, and loses nothing', async () => {
    const server = await started(join(EXAMPLES, 'server', 'start.js'));
    assert.deepEqual((await get(`${server.url}/you`)).json(), { hello: '/you' });
    assert.equal(await server.end(), 0);
  });

  test('report.js reports, fails and loops beside its config file', async () => {
    await using server = await startServer({ entry: 'report.js', cwd: join(EXAMPLES, 'server') });
    const [loop, broken, report, ready] = await Promise.all(
      ['/loop', '/broken', '/report', '/readyz'].map((path) => get(`${server.url}${path}`)),
    );
    assert.deepEqual([report?.status, report?.text()], [200, 'a report\n']);
    assert.equal(ready?.text(), 'ok\n');
    assert.equal(broken?.status, 500);
    assert.doesNotMatch(broken?.text() ?? '', /nobody gets to see this/);
    assert.equal(loop?.status, 504);
  });
});
