import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { ANY_PORT } from '../conformance/targets.ts';
import { builtApp } from '../support/built-app.ts';
import { endsWithTest } from '../support/ends-with-test.ts';
import { get } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';

const EXAMPLES = join(root, 'examples', 'offload');
/** Frameworks are installed, and apps built, the first time. */
const BUILD_MS = 600_000;
const REPORT = '303 primes up to 2000\n';

suite('the examples of offloaded routes', { timeout: BUILD_MS }, () => {
  /** Runs it from the root of the checkout, until it has reported and answered beside. */
  async function reports(args: readonly string[], home: string): Promise<void> {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, PORT: '0', NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endsWithTest(child);
    const exit = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    const [, url = ''] = await until(() => /listening on (\S+)\n/.exec(output), {
      describe: () => `the address; the example printed ${output}`,
      withinMs: 60_000,
    });
    const report = await get(new URL('/report?to=2000', url).href);
    assert.deepEqual([report.status, report.text()], [200, REPORT]);
    assert.ok((await get(new URL('/', url).href)).text().includes(home));
    child.kill();
    await exit;
  }

  for (const name of ['express', 'node-http', 'koa', 'fastify', 'hono', 'h3'])
    test(`${name}.js reports, and answers beside`, () => reports([join(EXAMPLES, `${name}.js`)], 'never blocked\n'));

  // They are a part of apps that are built.
  for (const platform of ['express', 'fastify'])
    test(`nest.ts reports on ${platform}, and the app answers beside`, { timeout: BUILD_MS }, () =>
      reports(['--import', ANY_PORT, join(builtApp('nest'), 'dist', `main-${platform}.js`)], 'Tom'),
    );
  test('next-route.js reports, and the app answers beside', { timeout: BUILD_MS }, () =>
    reports(['--import', ANY_PORT, join(builtApp('next'), 'server.mjs')], 'home'),
  );
});
