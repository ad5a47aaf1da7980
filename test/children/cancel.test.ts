import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { get, open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { isAlive, readProcess } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { pidOf, printed } from './watch.ts';

/** What is promised is 1 s. A machine that runs other tests at the same time gets four times that. */
const CPU_IS_FREE_MS = 4 * 1000;

/** Sends a request and returns what makes its client go away. */
function leave(server: TestServer, path: string): () => void {
  const leaving = new AbortController();
  get(`${server.url}${path}`, { signal: leaving.signal }).catch(() => undefined);
  return () => leaving.abort();
}

for (const mode of ['fork', 'pool']) {
  test(`mode ${mode}: a client that goes away frees the CPU of a tight loop`, { timeout: 60_000 }, async () => {
    await using server = await startServer({ entry: handler('as-told.mjs'), args: ['--mode', mode] });
    const go = leave(server, '/loop');
    const [pid = 0] = await printed(server, 'looping');
    const looping = readProcess(pid);
    assert.ok(looping !== null);
    go();
    await until(() => !isAlive(looping), { describe: 'the process in the loop to end', withinMs: CPU_IS_FREE_MS });
    const { reason } = await server.waitForLog((line) => line['event'] === 'worker:killing');
    assert.equal(reason, 'cancelled');
    assert.notEqual(await pidOf(server), pid);
  });
}

test('mode thread: a client that goes away frees the CPU of a tight loop', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('thread.mjs'), args: ['--mode', 'thread', '--log-level', 'debug'] });
  const go = leave(server, '/loop');
  await printed(server, 'looping');
  go();
  const { reason } = await server.waitForLog((line) => line['event'] === 'worker:gone', CPU_IS_FREE_MS);
  assert.equal(reason, 'killed (cancelled)');
});

describe('request.signal fires when the client has gone, and the worker that ends the task then is kept', () => {
  for (const mode of ['pool', 'thread', 'cluster']) {
    test(`mode ${mode}`, { timeout: 60_000 }, async () => {
      await using server = await startServer({
        entry: handler('slow.mjs'),
        args: ['--mode', mode, '--min', '1', '--max', '1', '--spares', '1', '--log-level', 'debug'],
      });
      const pid = await pidOf(server);
      for (let times = 1; times <= 3; times += 1) {
        const go = leave(server, '/slow?ms=600000');
        await printed(server, 'started', times);
        go();
        await printed(server, 'aborted', times);
        assert.equal(await pidOf(server), pid);
      }
      assert.ok(!server.logs().some((line) => line['event'] === 'worker:gone'));
    });
  }
});

test('a body that is streamed is cancelled with its client', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('sse.mjs'),
    args: ['--mode', 'pool', '--min', '1', '--max', '1', '--spares', '1'],
  });
  const response = await open(server.url);
  response.body.on('error', () => undefined);
  response.abort();
  const [pid = 0] = await printed(server, 'cancelled');
  assert.equal(String(pid), response.headers['x-worker']);
  assert.ok(isAlive(pid));
});

test('a client that goes away while it waits in the queue costs nothing', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('slow.mjs'),
    args: ['--mode', 'pool', '--min', '1', '--max', '1', '--spares', '1'],
  });
  const running = get(`${server.url}/slow?ms=1500&body=first`);
  await printed(server, 'started');
  const go = leave(server, '/slow?ms=600000');
  const next = get(`${server.url}/slow?ms=0&body=next`);
  go();
  assert.equal((await running).text(), 'first');
  assert.equal((await next).text(), 'next');
  // The one that nobody waited for has not been started.
  assert.equal((await printed(server, 'started', 2)).length, 2);
});

describe('a handler that is detached runs to its end', () => {
  for (const mode of ['fork', 'pool', 'thread']) {
    test(`mode ${mode}`, { timeout: 60_000 }, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'detached-'));
      t.after(() => rm(folder, { recursive: true, force: true }));
      await using server = await startServer({
        entry: handler('detached.mjs'),
        args: ['--mode', mode, '--log-level', 'debug'],
        env: { DETACHED_DIR: folder },
      });
      const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
      const go = leave(server, '/');
      const pid = await until(() => read('started'), { describe: 'the handler to start' });
      const before = Date.now();
      go();
      // Longer than the grace of a task that is cancelled.
      await until(() => Date.now() - before > 1500, { describe: 'three times the grace of a cancelled task' });
      assert.ok(!server.logs().some((line) => line['event'] === 'worker:killing'));
      await writeFile(join(folder, 'go'), '');
      assert.equal(await until(() => read('finished'), { describe: 'the handler to finish' }), pid);
    });
  }
});

describe('a cancel touches no other task', () => {
  for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
    // In mode fork each is a process.
    const [atATime, numRuns] = mode === 'fork' ? [20, 1] : [50, 3];
    test(
      `mode ${mode}: of ${atATime} at a time, all that are not aborted get their own answer`,
      { timeout: 180_000 },
      async () => {
        await using server = await startServer({
          entry: handler('slow.mjs'),
          args: ['--mode', mode, '--max', '4', '--queue', '100', '--queue-timeout', '2m', '--log-level', 'error'],
        });
        const client = fc.record({ runMs: fc.nat(20), abortAfterMs: fc.option(fc.nat(200), { freq: 2 }) });
        await fc.assert(
          fc.asyncProperty(fc.array(client, { minLength: atATime, maxLength: atATime }), async (clients) => {
            const outcomes = clients.map(async ({ runMs, abortAfterMs }, index) => {
              const body = `${index}-${'x'.repeat(index * 100)}`;
              const signal = abortAfterMs === null ? {} : { signal: AbortSignal.timeout(abortAfterMs) };
              const response = await get(`${server.url}/slow?ms=${runMs}&body=${body}`, signal).catch((error: unknown) => error);
              if (response instanceof Error) return abortAfterMs === null ? `${index}: ${response.message}` : 'fine';
              return Object(response).text() === body ? 'fine' : `${index}: ${Object(response).text()}`;
            });
            assert.deepEqual(new Set(await Promise.all(outcomes)), new Set(['fine']));
          }),
          { numRuns, endOnFailure: true },
        );
      },
    );
  }
});
