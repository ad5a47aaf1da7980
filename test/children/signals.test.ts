import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { type FullResponse, get } from '../support/http.ts';
import { bin, handler } from '../support/paths.ts';
import { descendants, gone, isAlive } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { linesAbout, pidOf, printed, ready, send, workersOf } from './watch.ts';

/** Whether a new connection is refused. */
async function refuses(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return Object(error).code === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

const CUT_OFF = '503 ERR_SHUTTING_DOWN';
/** In mode cluster the worker holds the connection, and nobody else can answer on it. */
const ENDS_WITH_WORKER = 'broken';

function said(answer: FullResponse): string {
  return `${answer.status} ${String(Object(answer.json()).code)}`;
}

for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
  describe(`mode ${mode}`, () => {
    for (const signal of mode === 'pool' ? (['SIGTERM', 'SIGINT'] as const) : (['SIGTERM'] as const)) {
      test(`${signal} lets what runs complete, takes nothing new, and ends with 0`, { timeout: 60_000 }, async () => {
        await using server = await startServer({ entry: handler('slow.mjs'), args: ['--mode', mode, '--max', '2'] });
        const { port } = server;
        const answer = get(`${server.url}/slow?ms=2500&body=complete`);
        await printed(server, 'started');
        server.signal(signal);
        await until(async () => refuses(port), { describe: 'a new connection to be refused' });
        assert.equal((await answer).text(), 'complete');
        assert.deepEqual(await server.exited(30_000), { code: 0, signal: null });
        await server.waitForLog((line) => line['msg'] === 'ended, nothing was lost');
      });
    }

    test('a second signal ends it at once, with 5 for the work that was cut off', { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry: handler('slow.mjs'), args: ['--mode', mode, '--max', '1'] });
      const answer = get(`${server.url}/slow?ms=600000`).then(said, () => 'broken');
      await printed(server, 'started');
      server.signal('SIGTERM');
      await server.waitForLog((line) => line['event'] === 'server:draining');
      assert.ok(isAlive(server.pid));
      server.signal('SIGTERM');
      assert.deepEqual(await server.exited(), { code: 5, signal: null });
      assert.equal(await answer, mode === 'cluster' ? ENDS_WITH_WORKER : CUT_OFF);
      const { level } = await server.waitForLog((line) => line['msg'] === 'ended, 1 tasks were cut off');
      assert.equal(level, 50);
    });

    test('a second signal when nothing runs cuts nothing off', { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry: handler('slow.mjs'), args: ['--mode', mode, '--max', '2'] });
      assert.equal((await get(server.url)).status, 200);
      // Two different ones: of two that are the same the second may be lost.
      server.signal('SIGTERM');
      server.signal('SIGINT');
      assert.deepEqual(await server.exited(30_000), { code: 0, signal: null });
    });

    test('after the shutdown timeout, what still runs is cut off', { timeout: 60_000 }, async () => {
      await using server = await startServer({
        entry: handler('slow.mjs'),
        args: ['--mode', mode, '--max', '2', '--shutdown-timeout', '500ms'],
      });
      const answer = get(`${server.url}/slow?ms=600000`).then(said, () => 'broken');
      await printed(server, 'started');
      assert.deepEqual(await server.stop(), { code: 5, signal: null });
      assert.equal(await answer, mode === 'cluster' ? ENDS_WITH_WORKER : CUT_OFF);
    });
  });
}

for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
  test(`mode ${mode}: what loops past the shutdown timeout counts as lost`, { timeout: 60_000 }, async () => {
    await using server = await startServer({
      entry: handler('loop.mjs'),
      args: ['--mode', mode, '--max', '2', '--shutdown-timeout', '500ms', '--log-level', 'debug'],
    });
    send(server, '/loop');
    await server.waitForLog((line) => line['event'] === 'worker:health' && line['health'] === 'busy');
    assert.deepEqual(await server.stop(), { code: 5, signal: null });
    await server.waitForLog((line) => line['msg'] === 'ended, 1 tasks were cut off');
  });
}

for (const mode of ['fork', 'pool', 'thread']) {
  test(`mode ${mode}: what is cut off is not replaced`, { timeout: 60_000 }, async () => {
    await using server = await startServer({
      entry: handler('slow.mjs'),
      args: ['--mode', mode, '--max', '30', '--spares', '2', '--shutdown-timeout', '100ms', '--log-level', 'debug'],
    });
    send(server, '/slow?ms=600000');
    await printed(server, 'started');
    const starts = (): number => server.logs().filter((line) => line['event'] === 'worker:starting').length;
    await server.waitForLog((line) => line['event'] === 'worker:ready' && Number(line['worker']) > 1);
    const before = starts();
    assert.deepEqual(await server.stop(), { code: 5, signal: null });
    // One or two may have been on their way already.
    assert.ok(starts() <= before + 2, `${starts() - before} workers were booted while the server ended`);
  });
}

describe('a service manager signals every process of the service', () => {
  // A worker of mode fork is one of mode pool that takes one task.
  for (const mode of ['pool', 'cluster']) {
    test(`mode ${mode}: a worker alone goes on with what it runs`, { timeout: 60_000 }, async () => {
      await using server = await startServer({
        entry: handler('slow.mjs'),
        args: ['--mode', mode, '--max', '2', '--log-level', 'debug'],
      });
      const answer = get(`${server.url}/slow?ms=1500&body=complete`);
      const [pid = 0] = await printed(server, 'started');
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(pid, signal);
      assert.equal((await answer).text(), 'complete');
      const [end] = linesAbout(server, 'worker:gone', pid);
      assert.ok(end === undefined || end['reason'] === 'drained (spent)', JSON.stringify(end));
    });

    test(`mode ${mode}: when all are, what runs completes`, { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry: handler('slow.mjs'), args: ['--mode', mode, '--max', '2'] });
      const answer = get(`${server.url}/slow?ms=1500&body=complete`);
      await printed(server, 'started');
      for (const { pid } of workersOf(server)) process.kill(pid, 'SIGTERM');
      server.signal('SIGTERM');
      assert.equal((await answer).text(), 'complete');
      assert.deepEqual(await server.exited(30_000), { code: 0, signal: null });
    });
  }
});

describe('SIGTERM while the first workers boot', () => {
  // Mode fork boots its workers as mode pool does.
  for (const mode of ['pool', 'cluster']) {
    test(`mode ${mode}: ends the server and all that boots`, { timeout: 60_000 }, async (t) => {
      const child = spawn(process.execPath, [bin, 'serve', handler('loops-at-load.mjs'), '--port', '0', '--mode', mode], {
        stdio: 'ignore',
        detached: true,
      });
      t.after(() => child.kill('SIGKILL'));
      const pid = child.pid ?? 0;
      const family = () => descendants(pid);
      await until(() => family().some((info) => /entry\.cjs|cluster-worker\.js/.test(info.cmd) && info.state === 'R'), {
        describe: 'a worker in its loop',
        withinMs: 30_000,
      });
      const all = family();
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const [code, signal] = await exit;
      assert.ok(code !== null || signal === 'SIGTERM', `code ${code}, signal ${signal}`);
      // Nobody drains what serves nobody: 500 ms are promised, and four times that allowed.
      await gone(all, 4 * 500);
    });
  }
});

test('SIGTERM does not wait for workers that boot beside those that serve', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('as-told.mjs'),
    args: ['--mode', 'pool', '--min', '2', '--max', '2', '--log-level', 'debug'],
  });
  const [victim = 0, other = 0] = await ready(server, 2);
  process.kill(victim, 'SIGKILL');
  await until(() => workersOf(server).some((info) => ![victim, other].includes(info.pid)), { describe: 'another one to boot' });
  assert.equal(await pidOf(server), other);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});
