import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { printed, send } from './watch.ts';

const THREAD = ['--mode', 'thread', '--log-level', 'debug'];
const entry = handler('thread.mjs');

async function threadOf(server: TestServer): Promise<number> {
  return Number((await get(server.url)).text());
}

/** Workers that are ready and not on their way out, as the log tells them. */
function readyCount(server: TestServer): number {
  const count = (event: string): number => server.logs().filter((line) => line['event'] === event).length;
  return count('worker:ready') - count('worker:gone');
}

test('a thread is used again and again, inside the server itself', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: [...THREAD, '--min', '1', '--max', '1'] });
  const ids = new Set<number>();
  for (let times = 0; times < 20; times += 1) ids.add(await threadOf(server));
  assert.equal(ids.size, 1);
  assert.equal(Number((await get(server.url)).headers['x-worker']), server.pid);
  assert.deepEqual(server.children(), []);
});

test('while one computes, others are answered by threads of their own, up to max', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: [...THREAD, '--min', '1', '--max', '3', '--spares', '0'] });
  send(server, '/loop');
  send(server, '/wait');
  await printed(server, 'looping');
  await printed(server, 'waiting');
  const ids = new Set([await threadOf(server), await threadOf(server)]);
  assert.equal(ids.size, 1);
});

test('a thread that idles too long ends', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('loop.mjs'),
    args: [...THREAD, '--min', '1', '--max', '3', '--spares', '0', '--idle-timeout', '300ms'],
  });
  await Promise.all(Array.from({ length: 3 }, () => get(`${server.url}/loop?ms=500`)));
  await server.waitForLog((line) => line['event'] === 'worker:draining' && line['reason'] === 'idle', 20_000);
  await until(() => readyCount(server) === 1, { describe: 'one thread to be left', withinMs: 20_000 });
});

test('after max-requests a thread is replaced', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: [...THREAD, '--min', '1', '--max', '2', '--max-requests', '10'] });
  const served = new Map<number, number>();
  for (let times = 0; times < 40; times += 1) {
    const id = await threadOf(server);
    served.set(id, (served.get(id) ?? 0) + 1);
  }
  assert.ok(served.size >= 3);
  assert.ok([...served.values()].every((count) => count <= 11));
});

test('a thread is ended out of a loop at its deadline, and the others and the server live', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: [...THREAD, '--max', '3', '--deadline', '1s'] });
  const answer = get(`${server.url}/loop`);
  await printed(server, 'looping');
  assert.equal((await get(server.url)).status, 200);
  assert.equal((await answer).status, 504);
  await server.waitForLog((line) => line['event'] === 'worker:gone' && line['reason'] === 'killed (deadline)');
  assert.equal((await get(server.url)).status, 200);
});

test('a thread that fills its heap, or ends itself, is lost alone', { timeout: 120_000 }, async () => {
  await using server = await startServer({ entry, args: [...THREAD, '--max', '3', '--max-memory', '64MB'] });
  send(server, '/wait');
  await printed(server, 'waiting');
  for (const [path, reason] of [
    ['/fill', 'its JavaScript heap was full'],
    ['/exit', 'exit code 3'],
  ] as const) {
    const response = await get(`${server.url}${path}`);
    assert.equal(response.status, 502, path);
    assert.match(response.text(), /ERR_WORKER_DIED/);
    await server.waitForLog((line) => line['event'] === 'worker:gone' && line['reason'] === reason);
    assert.equal((await get(server.url)).status, 200);
  }
  const lost = server.logs().filter((line) => line['event'] === 'task:failed');
  assert.equal(lost.length, 2);
});

describe('a thread in a system call that does not return', () => {
  /** Starts a server one of whose threads nobody can end: its task has had its 504, and it is still there. */
  async function startStuck(t: TestContext, ...args: string[]): Promise<TestServer> {
    const fifo = join(await temporaryFolder(t, {}), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const server = await startServer({
      entry: handler('native.mjs'),
      args: [...THREAD, '--max', '2', '--deadline', '1s', ...args],
    });
    const answer = await get(`${server.url}/open?file=${fifo}`);
    assert.equal(answer.status, 504);
    assert.equal((await get(server.url)).text(), 'ok');
    return server;
  }

  for (const [name, args, signals] of [
    ['a second signal', [], ['SIGTERM', 'SIGINT']],
    ['the shutdown timeout', ['--shutdown-timeout', '500ms'], ['SIGTERM']],
  ] as const) {
    test(`does not keep the server after ${name}, and the log says so`, { timeout: 60_000 }, async (t) => {
      await using server = await startStuck(t, ...args);
      for (const signal of signals) server.signal(signal);
      // No exit code: Node waits for its threads before it exits.
      assert.deepEqual(await server.exited(20_000), { code: null, signal: 'SIGKILL' });
      await server.waitForLog((line) => /can not be ended/.test(String(line['msg'])));
    });
  }
});
