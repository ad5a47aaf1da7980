import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { endsWithTest } from '../support/ends-with-test.ts';
import { get } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';

const EXAMPLES = join(root, 'examples', 'offload');
const REPORT = '303 primes up to 2000\n';

suite('the examples of offloaded routes', { timeout: 120_000 }, () => {
  for (const name of ['express', 'node-http', 'koa', 'fastify', 'hono', 'h3'])
    test(`${name}.js reports, and answers beside`, async () => {
      const child = spawn(process.execPath, [join(EXAMPLES, `${name}.js`)], {
        env: { ...process.env, PORT: '0' },
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
      const report = await get(`${url}?to=2000`);
      assert.deepEqual([report.status, report.text()], [200, REPORT]);
      assert.equal((await get(new URL('/', url).href)).text(), 'never blocked\n');
      child.kill();
      await exit;
    });

  test('next-route.js exports what Next calls', async () => {
    const { GET } = (await import(pathToFileURL(join(EXAMPLES, 'next-route.js')).href)) as {
      readonly GET: ((request: Request) => Promise<Response>) & { readonly close: () => Promise<void> };
    };
    const response = await GET(new Request('http://localhost/report?to=2000'));
    assert.equal(await response.text(), REPORT);
    await GET.close();
  });
});
