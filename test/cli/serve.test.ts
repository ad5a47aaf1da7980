import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { runCommand, startCommand } from './run-command.ts';

const FILES = {
  'app.mjs': 'export default () => new Response("hello");',
  'hangs.mjs': 'export default () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(1)) }));',
  'throws.mjs': 'throw new Error("no luck");',
  'exits.mjs': 'process.exit(0);',
  'waits.mjs': 'await new Promise(() => {});',
  'config.mjs': 'export default () => new Response(); export const config = { deadline: "soon" };',
  'empty.mjs': 'export const handler = 1;',
  'wrong.json': '{ "deadlin": "3s" }',
};
const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

/** Starts `prefork serve`, waits for its first line, and ends it at the latest with the test. */
async function startServe(t: TestContext, ...args: string[]) {
  const folder = await temporaryFolder(t, FILES);
  const [entry = '', ...flags] = args;
  const child = startCommand(['serve', join(folder, entry), '--port', '0', ...flags]);
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  // Logs that nobody reads would fill the pipe.
  child.stderr.resume();
  const ended = exited.then(() => assert.fail('the command ended before it listened'));
  await Promise.race([once(reader, 'line'), ended]);
  const url = lines[0]?.replace('listening on ', '') ?? '';
  return { child, exited, lines, url };
}

test('serve says where it listens when it would answer, in one line, and ends with 0', { timeout: 60_000 }, async (t) => {
  const { child, exited, lines, url } = await startServe(t, 'app.mjs');
  assert.match(lines[0] ?? '', /^listening on http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  const response = await fetch(url);
  assert.deepEqual([response.status, await response.text()], [200, 'hello']);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.equal(lines.length, 1);
});

test('an IPv6 host stands in brackets', { timeout: 60_000, skip: HAS_IPV6 ? false : 'no ::1 here' }, async (t) => {
  const { child, exited, lines, url } = await startServe(t, 'app.mjs', '--host', '::1');
  assert.match(lines[0] ?? '', /^listening on http:\/\/\[::1\]:[1-9]\d*$/);
  const response = await fetch(url);
  assert.equal(await response.text(), 'hello');
  child.kill('SIGINT');
  assert.deepEqual(await exited, [0, null]);
});

test('serve ends with 5 when a task was cut off', { timeout: 60_000 }, async (t) => {
  const { child, exited, url } = await startServe(t, 'hangs.mjs', '--shutdown-timeout', '50ms');
  // The head of the answer is here, so the task runs; its body never ends.
  const response = await fetch(url);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [5, null]);
  await assert.rejects(response.text());
});

test('a port that is taken: 4', { timeout: 60_000 }, async (t) => {
  const folder = await temporaryFolder(t, FILES);
  const other = createServer();
  t.after(() => other.close());
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const address = other.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { code, stdout, stderr } = await runCommand(['serve', join(folder, 'app.mjs'), '--port', `${address.port}`]);
  assert.deepEqual([code, stdout], [4, '']);
  assert.match(stderr, /^prefork: .*\(ERR_PORT_IN_USE\)$/m);
});

type Refused = readonly [name: string, entry: string, flags: string[], exitCode: number, line: RegExp];

const REFUSED: readonly Refused[] = [
  ['an entry that is not there', 'nope.mjs', [], 3, /^prefork: entry: found no file .*\(ERR_ENTRY_NOT_FOUND\)$/m],
  ['an entry that throws', 'throws.mjs', [], 3, /^prefork: .*no luck.*\(ERR_HANDLER_LOAD\)$/m],
  ['an entry without a handler', 'empty.mjs', [], 3, /^prefork: .*\(ERR_HANDLER_INVALID\)$/m],
  ...['blocking', 'fork', 'pool', 'thread', 'cluster'].flatMap((mode): Refused[] => [
    [
      `an entry that ends its process, mode ${mode}`,
      'exits.mjs',
      ['--mode', mode],
      3,
      /^prefork: .* ended while it booted.*\(ERR_BOOT_EXIT\)$/m,
    ],
    [
      `a config export that makes no sense, mode ${mode}`,
      'config.mjs',
      ['--mode', mode],
      2,
      /^prefork: (?:.*config\.mjs: )?the handler's config\.deadline: found "soon", .*\(ERR_BAD_OPTION\)$/m,
    ],
  ]),
  [
    'an entry that is never loaded, mode blocking',
    'waits.mjs',
    ['--mode', 'blocking'],
    3,
    /^prefork: .*waits\.mjs.* ended while it booted.*\(ERR_BOOT_EXIT\)$/m,
  ],
  [
    'options that contradict each other',
    'app.mjs',
    ['--min', '9', '--max', '2'],
    2,
    /^prefork: --min: found 9, .*\(ERR_BAD_OPTION\)$/m,
  ],
];

for (const [name, entry, flags, exitCode, line] of REFUSED) {
  test(`${name}: ${exitCode}, one line, and nothing on stdout`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t, FILES);
    const { code, stdout, stderr } = await runCommand(['serve', join(folder, entry), '--port', '0', ...flags]);
    assert.deepEqual([code, stdout], [exitCode, '']);
    assert.match(stderr, line);
    assert.equal(stderr.split('\n').filter((each) => each.startsWith('prefork: ')).length, 1, stderr);
  });
}

test('a config file that makes no sense: 2', { timeout: 60_000 }, async (t) => {
  const folder = await temporaryFolder(t, FILES);
  const { code, stderr } = await runCommand(['serve', join(folder, 'app.mjs'), '--config', join(folder, 'wrong.json')]);
  assert.equal(code, 2);
  assert.match(stderr, /^prefork: .*wrong\.json: found the unknown option "deadlin", expected deadline, .*\(ERR_BAD_OPTION\)$/m);
});
