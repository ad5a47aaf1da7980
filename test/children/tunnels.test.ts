/** Connections that workers hold: where they are, what they cost others, and how they end. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { State } from '../../src/admin/api.ts';
import { startWithAdmin } from '../admin/admin-of.ts';
import { stateOf } from '../admin/ask-admin.ts';
import { jsonOf, requestText, exchange, Wire } from '../conformance/wire.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

const LONG = { timeout: 120_000 };
const entry = handler('tunnels.mjs');

async function open(t: TestContext, { port }: TestServer, target: string): Promise<Wire> {
  const wire = await Wire.to(port);
  t.after(() => wire[Symbol.dispose]());
  wire.send(requestText('GET', target, ['Connection: Upgrade', 'Upgrade: test']));
  return wire;
}

/** Opens one, and tells which process has it. */
async function openAt(t: TestContext, server: TestServer): Promise<{ wire: Wire; pid: number }> {
  const wire = await open(t, server, '/pid');
  return { wire, pid: Number(/pid (\d+);/.exec(await wire.contains(';'))?.[1]) };
}

const ask = async ({ port }: TestServer): Promise<Record<string, unknown>> =>
  jsonOf(await exchange(port, requestText('GET', '/')));

test('connections share one worker of the long lane, which serves nothing else, and the state tells of it', LONG, async (t) => {
  await using admin = await startWithAdmin(t, { entry, args: ['--max', '4'] });
  const { server, socket } = admin;
  const opened = [];
  for (let count = 0; count < 5; count += 1) opened.push(await openAt(t, server));
  const pids = new Set(opened.map(({ pid }) => pid));
  assert.equal(pids.size, 1);
  for (let count = 0; count < 20; count += 1) {
    const { pid, open: held } = await ask(server);
    assert.ok(!pids.has(Number(pid)));
    assert.equal(held, 0);
  }
  const { workers } = await stateOf(socket);
  const holder = workers.find(({ pid }) => pids.has(pid));
  assert.deepEqual([holder?.lane, holder?.running, holder?.task?.url, holder?.state], ['long', 5, '/pid', 'busy']);
  // What their clients leave is over for the worker too.
  for (const { wire } of opened) wire[Symbol.dispose]();
  const isOver = ({ workers: all, totals }: State): boolean =>
    all.every(({ running }) => running === 0) && totals.completed === 25;
  await until(async () => isOver(await stateOf(socket)), {
    describe: 'no connection to be held any more, and all to be completed',
  });
  assert.equal((await stateOf(socket)).totals.admitted, 25);
});

test(
  'a handler that computes on a connection holds up nobody else, and is ended when that lasts as long as a task may',
  LONG,
  async (t) => {
    await using server = await startServer({ entry, args: ['--max', '4', '--deadline', '1s'] });
    const { wire: neighbour, pid } = await openAt(t, server);
    const looping = await open(t, server, '/loop');
    await looping.contains('\r\n\r\n');
    looping.send('go');
    for (let count = 0; count < 10; count += 1) assert.notEqual((await ask(server))['pid'], pid);
    // Its connections end with it; a client of another one never notices.
    await looping.ended();
    await neighbour.ended();
    const after = await openAt(t, server);
    assert.notEqual(after.pid, pid);
  },
);

test('when a worker dies its connections end, and those of others do not', LONG, async (t) => {
  await using server = await startServer({ entry, args: ['--max', '4'] });
  const exiting = await open(t, server, '/exit');
  await exiting.contains('\r\n\r\n');
  exiting.send('go');
  assert.match(await exiting.ended(), /^HTTP\/1\.1 101 /);
  const { wire } = await openAt(t, server);
  assert.equal(wire.hasEnded, false);
  await server.waitForLog(({ event, code }) => event === 'task:failed' && code === 'ERR_WORKER_DIED');
});

for (const mode of ['pool', 'thread', 'cluster'] as const) {
  test(
    `mode ${mode}: what the handler throws is answered with 500 before its first byte, and closes the connection after it`,
    LONG,
    async (t) => {
      await using server = await startServer({ entry, args: ['--mode', mode, '--max', '4'] });
      const thrown = await open(t, server, '/throw');
      const answer = await thrown.response();
      assert.deepEqual(
        [answer?.status, jsonOf(answer)['code'], answer?.body.includes('secret')],
        [500, 'ERR_HANDLER_THREW', false],
      );
      assert.equal(await thrown.ended(), '');
      const late = await open(t, server, '/throw-late');
      assert.match(await late.ended(), /^HTTP\/1\.1 101 [^]*\r\n\r\n$/);
      // What is no sound request does not get that far, and one behind a request that is not answered yet is none.
      using bad = await Wire.to(server.port);
      bad.send('GET /echo HTTP/1.1\r\nHost: a/b\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
      assert.equal((await bad.response())?.status, 400);
      using early = await Wire.to(server.port);
      early.send(`${requestText('GET', '/')}${requestText('GET', '/echo', ['Connection: Upgrade', 'Upgrade: test'])}`);
      assert.doesNotMatch(await early.ended(), / 101 /);
      assert.equal((await ask(server))['upgrade'], null);
    },
  );

  test(
    `mode ${mode}: at the end of the server its handler says goodbye, and nobody waits for clients that stay`,
    LONG,
    async (t) => {
      await using server = await startServer({ entry, args: ['--mode', mode, '--max', '3'] });
      const leaving = await openAt(t, server);
      const staying = await openAt(t, server);
      server.signal('SIGTERM');
      assert.match(await leaving.wire.ended(), /goodbye$/);
      assert.match(await staying.wire.ended(), /goodbye$/);
      leaving.wire.endSending();
      assert.deepEqual(await server.exited(20_000), { code: 0, signal: null });
    },
  );
}

test('a reload ends the connections of the old code, and those that come then meet the new one', LONG, async (t) => {
  await using server = await startServer({ entry, args: ['--max', '3'] });
  const before = await openAt(t, server);
  server.signal('SIGHUP');
  assert.match(await before.wire.ended(), /goodbye$/);
  await server.waitForLog(({ event }) => event === 'server:reloaded');
  const after = await openAt(t, server);
  assert.notEqual(after.pid, before.pid);
});

test('with one worker alone, requests are answered beside connections', LONG, async (t) => {
  await using server = await startServer({ entry, args: ['--max', '1'] });
  const { pid } = await openAt(t, server);
  const answer = await ask(server);
  assert.deepEqual([answer['pid'], answer['open']], [pid, 1]);
});

test('mode fork: a connection more than there is room for is turned away with 503', LONG, async (t) => {
  await using server = await startServer({ entry, args: ['--mode', 'fork', '--max', '2', '--queue-timeout', '2s'] });
  const { pid } = await openAt(t, server);
  const second = await open(t, server, '/pid');
  const answer = await second.response();
  assert.deepEqual([answer?.status, jsonOf(answer)['code']], [503, 'ERR_QUEUE_TIMEOUT']);
  assert.notEqual((await ask(server))['pid'], pid);
});
