/** `prefork top` where the output is no terminal. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lines } from '../../support/lines.ts';
import { until } from '../../support/until.ts';
import { runCommand, startCommand } from '../run-command.ts';
import { serveForTop, startTop } from './start-top.ts';

const LONG = { timeout: 120_000 };

test('one snapshot, and 0; as JSON the state', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _server = server;
  const { code, stdout, stderr } = await runCommand(['top', '--socket', socket]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(
    stdout,
    new RegExp(`^serving {2}${server.url} {2}mode pool {2}pid ${server.pid} [^]*\n {2}PID +ID .*\n {2}\\d+ +w1 +idle`),
  );
  assert.ok(!stdout.includes('\u001b'));
  const json = await runCommand(['top', '--json', '--socket', socket]);
  assert.deepEqual([json.code, JSON.parse(json.stdout).server.pid], [0, server.pid]);
});

for (const [name, flags, pattern] of [
  ['--watch', ['--watch'], /^serving /],
  ['--watch --json', ['--watch', '--json'], /^\{"server":/],
] as const)
  test(`${name}: again and again, until SIGTERM or until nobody reads`, LONG, async (t) => {
    const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
    await using _server = server;
    for (const end of ['SIGTERM', 'close'] as const) {
      const child = startCommand(['top', ...flags, '--socket', socket]);
      t.after(() => child.kill('SIGKILL'));
      const exited = once(child, 'exit');
      const lines = new Lines(child.stdout);
      await until(() => lines.all.filter((line) => pattern.test(line)).length >= 2, {
        describe: 'a second snapshot',
        withinMs: 30_000,
      });
      if (end === 'SIGTERM') child.kill('SIGTERM');
      else child.stdout.destroy();
      assert.deepEqual(await exited, [0, null], end);
    }
  });

test('--watch ends with 6 when the server goes away', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _server = server;
  const child = startCommand(['top', '--watch', '--socket', socket]);
  t.after(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  const lines = new Lines(child.stdout);
  const errors = new Lines(child.stderr);
  await until(() => lines.all.length > 0, { describe: 'a snapshot', withinMs: 30_000 });
  await server.kill();
  assert.deepEqual(await closed, [6, null]);
  assert.match(errors.all.join('\n'), /^prefork: .*: no server listens there \(ERR_NO_SERVER\)$/);
});

test('a terminal that can do nothing gets the lines too', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _server = server;
  await using top = await startTop(socket, { env: { TERM: 'dumb' } });
  assert.equal(await top.ended(), 0);
  assert.match(top.left(), /^serving /);
  assert.ok(!top.output.includes('\u001b'));
});

test('without a server: 6, and one line', LONG, async () => {
  const { code, stdout, stderr } = await runCommand(['top', '--socket', '/nowhere/at/all.sock']);
  assert.deepEqual([code, stdout], [6, '']);
  assert.match(stderr, /^prefork: \/nowhere\/at\/all\.sock: no server listens there \(ERR_NO_SERVER\)\n$/);
});

test('a wrong flag: 2, and one line', LONG, async () => {
  const { code, stderr } = await runCommand(['top', '--wach']);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^prefork: flags: found the unknown flag "--wach", expected --watch; see prefork top --help \(ERR_BAD_OPTION\)\n$/,
  );
});
