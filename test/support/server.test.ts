import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { startServer, ServerExited } from './server.ts';
import { isAlive } from './processes.ts';

/**
 * An executable that stands in for Node and runs this shell script in place of the server, because what these tests need (a
 * server that leaves processes behind, or never listens) is what prefork must never do.
 */
async function standIn(t: TestContext, script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stand-in-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'node');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

const LISTENS = "echo 'listening on http://127.0.0.1:4711'";

test('tells where the server listens, what it logged and how it ended', async (t) => {
  const node = await standIn(
    t,
    `echo "$*" >&2; echo '{"level":30,"msg":"hello"}' >&2; ${LISTENS}; echo 'admin on http://127.0.0.1:4712/#token=x'; exec sleep 1004`,
  );
  await using server = await startServer({ entry: '/app.mjs', args: ['--mode', 'fork'], node });
  assert.equal(server.url, 'http://127.0.0.1:4711');
  assert.equal(server.port, 4711);
  assert.equal((await server.waitForStdout(/^admin on (\S+)/))[1], 'http://127.0.0.1:4712/#token=x');
  assert.deepEqual(await server.waitForLog((line) => line['msg'] === 'hello'), { level: 30, msg: 'hello' });
  assert.match(server.stderr()[0] ?? '', /bin\/prefork\.js serve \/app\.mjs --port 0 --mode fork$/);
  assert.deepEqual(await server.stop('SIGINT'), { code: null, signal: 'SIGINT' });
  assert.ok(!isAlive(server.pid));
});

test('rejects with the code and the stderr of a server that ends before it listens', async (t) => {
  const node = await standIn(t, 'printf "no such entry" >&2; exit 3');
  await assert.rejects(startServer({ entry: '/app.mjs', node }), (error) => {
    assert.ok(error instanceof ServerExited);
    assert.deepEqual(error.exit, { code: 3, signal: null });
    assert.equal(error.stderr, 'no such entry');
    return true;
  });
});

test('rejects when there is nothing to run', async () => {
  await assert.rejects(startServer({ entry: '/app.mjs', node: '/no/such/node' }), { code: 'ENOENT' });
});

test('ends a server that does not listen in time', async (t) => {
  const node = await standIn(t, 'echo starting; exec sleep 1005');
  await assert.rejects(
    startServer({ entry: '/app.mjs', node, withinMs: 200 }),
    /waited 200 ms for "listening on http:\/\/…" on stdout, which has \["starting"\]/,
  );
});

test('ends a server that does not listen to SIGTERM', async (t) => {
  const node = await standIn(t, `trap '' TERM; ${LISTENS}; while :; do sleep 0.01; done`);
  const server = await startServer({ entry: '/app.mjs', node });
  await server[Symbol.asyncDispose]();
  assert.deepEqual(await server.exited(), { code: null, signal: 'SIGKILL' });
});

test('sees the children of the server, the orphans too, and fails the test if they stay', async (t) => {
  const node = await standIn(t, `setsid sleep 1006 >/dev/null 2>&1 & ${LISTENS}; wait`);
  const server = await startServer({ entry: '/app.mjs', node, goneWithinMs: 100 });
  const { pid: child } = await server.waitForChild((info) => info.cmd === 'sleep 1006');
  assert.deepEqual(await server.kill(), { code: null, signal: 'SIGKILL' });
  assert.deepEqual(
    server.children().map((info) => info.pid),
    [child],
  );
  await assert.rejects(
    async () => server[Symbol.asyncDispose](),
    /every process of the server to end; still alive: .*sleep 1006/,
  );
  await server[Symbol.asyncDispose]();
  assert.ok(!isAlive(child));
});

test('keeps the settings of the machine from the server, and hands over those of the test', async (t) => {
  process.env['PREFORK_MODE'] = 'thread';
  t.after(() => delete process.env['PREFORK_MODE']);
  const node = await standIn(
    t,
    `echo "mode=$PREFORK_MODE port=$PORT context=$NODE_TEST_CONTEXT colour=$COLOUR"; ${LISTENS}; exec sleep 1007`,
  );
  await using server = await startServer({ entry: '/app.mjs', node, env: { COLOUR: 'blue' } });
  assert.equal(server.stdout()[0], 'mode= port= context= colour=blue');
});
