import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

interface Printed {
  readonly pid: unknown;
  readonly level: unknown;
  readonly stream: unknown;
  readonly line: unknown;
}

/** What workers printed so far, but for what they print as they boot. */
function printedBy(server: TestServer): Printed[] {
  return server
    .logs()
    .filter((entry) => entry['event'] === 'worker:output' && entry['msg'] !== 'loaded')
    .map((entry) => ({ pid: entry['workerPid'], level: entry['level'], stream: entry['stream'], line: entry['msg'] }));
}

for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
  test(
    `mode ${mode}: what workers print comes line by line, escaped, with their pid and stream`,
    { timeout: 60_000 },
    async () => {
      await using server = await startServer({
        entry: handler('prints.mjs'),
        args: ['--mode', mode, '--min', '1', '--max', '2', '--spares', '1'],
      });

      const ask = async (path: string, count: number): Promise<readonly [pid: number, lines: readonly Printed[]]> => {
        const before = printedBy(server).length;
        const pid = Number((await get(`${server.url}${path}`)).text());
        await until(() => printedBy(server).length >= before + count, {
          describe: () =>
            `${count} lines for ${path}; there are ${JSON.stringify(printedBy(server).slice(before)).slice(0, 2000)}`,
        });
        return [pid, printedBy(server).slice(before)];
      };

      const [pid, both] = await ask('/', 2);
      assert.deepEqual(
        both.toSorted((a, b) => String(a.stream).localeCompare(String(b.stream))),
        [
          { pid, level: 40, stream: 'stderr', line: 'to stderr' },
          { pid, level: 30, stream: 'stdout', line: 'to stdout' },
        ],
      );

      const [, [long]] = await ask('/long', 1);
      assert.equal(long?.line, `${'x'.repeat(8 * 1024)} [cut]`);

      const [, [control]] = await ask('/control', 1);
      assert.equal(control?.line, '\\u001b[31mred\\u0007\\u0000\\u000d\\u2028\\u202egnp.exe\\u009b1m');

      const [, [broken]] = await ask('/not-utf8', 1);
      assert.equal(broken?.line, '\ufffd\ufffd');

      // A worker can not put its own words in our mouth.
      const [forger, forged] = await ask('/forged', 2);
      assert.deepEqual(forged, [
        { pid: forger, level: 30, stream: 'stdout', line: '{"level":60,"msg":"forged"}' },
        { pid: forger, level: 30, stream: 'stdout', line: 'listening on http://evil.example:1' },
      ]);
      assert.deepEqual(server.stdout(), [`listening on ${server.url}`]);
      assert.ok(!server.logs().some((entry) => entry['msg'] === 'forged'));

      // Without a line end it is said when the worker ends, or when the rest of the line comes.
      await get(`${server.url}/no-newline`);
      await server.stop();
      assert.equal(printedBy(server).filter((entry) => entry.line === 'no end').length, 1);
    },
  );
}

test('what a worker prints as it boots, and as it dies, is not lost', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('last-words.mjs'),
    args: ['--mode', 'pool', '--min', '1', '--max', '1', '--spares', '1'],
  });
  const { status, headers } = await get(server.url);
  assert.equal(status, 502);
  const pid = Number(headers['x-worker']);
  const lines = () =>
    printedBy(server)
      .filter((entry) => entry.pid === pid)
      .map((entry) => entry.line);
  await until(() => lines().length >= 102, { describe: 'all lines' });
  assert.deepEqual(lines(), ['hello', ...Array.from({ length: 100 }, (_, index) => `line ${index}`), 'last words']);
});
