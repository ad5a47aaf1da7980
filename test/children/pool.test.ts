import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { pidOf, printed, send, workersOf } from './watch.ts';

const POOL = ['--mode', 'pool', '--log-level', 'debug'];

test('a worker is used again and again', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('echo.mjs'), args: [...POOL, '--min', '1', '--max', '1'] });
  const pids = new Set<unknown>();
  for (let times = 0; times < 20; times += 1) pids.add(Object(JSON.parse((await get(server.url)).text())).pid);
  assert.equal(pids.size, 1);
  assert.deepEqual(
    [...pids],
    workersOf(server).map((info) => info.pid),
  );
});

test('min workers are there before anybody asks', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('loop.mjs'), args: [...POOL, '--min', '3', '--max', '3'] });
  await until(() => workersOf(server).length === 3, { describe: 'three workers', withinMs: 20_000 });
});

test('a task that finds no free worker, and room under max, gets a new one', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('as-told.mjs'),
    args: [...POOL, '--min', '1', '--max', '3', '--spares', '0'],
  });
  const pids: number[] = [];
  for (let busy = 1; busy <= 2; busy += 1) {
    send(server, '/loop');
    pids.push(...(await printed(server, 'looping', busy)));
  }
  pids.push(await pidOf(server));
  assert.equal(new Set(pids).size, 3);
});

test('there are never more than max, counted all the time', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('loop.mjs'),
    args: [...POOL, '--min', '3', '--max', '3', '--queue', '100', '--max-requests', '3', '--queue-timeout', '1m'],
  });
  let most = 0;
  let looks = 0;
  const requests = Array.from({ length: 40 }, () => get(`${server.url}/loop?ms=30`));
  let answered = false;
  const all = Promise.all(requests).finally(() => (answered = true));
  await until(
    () => {
      looks += 1;
      most = Math.max(most, workersOf(server).length);
      return answered;
    },
    { describe: 'all answers', withinMs: 50_000 },
  );
  assert.ok((await all).every((response) => response.status === 200));
  assert.equal(most, 3);
  assert.ok(looks > 10);
});

test('beyond min and spares, a worker that idles too long ends', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('loop.mjs'),
    args: [...POOL, '--min', '1', '--max', '4', '--spares', '0', '--idle-timeout', '300ms'],
  });
  await Promise.all(Array.from({ length: 4 }, () => get(`${server.url}/loop?ms=1500`)));
  await until(() => workersOf(server).length === 1, { describe: 'one worker to be left', withinMs: 20_000 });
  const reasons = server
    .logs()
    .filter((line) => line['event'] === 'worker:draining')
    .map((line) => line['reason']);
  assert.ok(reasons.length > 0);
  assert.deepEqual(new Set(reasons), new Set(['idle']));
  const [left] = workersOf(server);
  assert.equal(await pidOf(server), left?.pid);
});

test('after max-requests a worker is replaced, and not all of them at the same number', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('loop.mjs'),
    args: [...POOL, '--min', '1', '--max', '2', '--spares', '1', '--max-requests', '20'],
  });
  const served = new Map<number, number>();
  for (let times = 0; times < 150; times += 1) {
    const pid = await pidOf(server);
    served.set(pid, (served.get(pid) ?? 0) + 1);
  }
  const replaced = server
    .logs()
    .filter((line) => line['event'] === 'worker:draining' && line['reason'] === 'maxRequests')
    .map((line) => Number(line['workerPid']));
  assert.ok(replaced.length >= 4, `${replaced.length} workers were replaced`);
  const counts = replaced.map((pid) => served.get(pid) ?? 0);
  // 10 % more than 20 at most.
  assert.ok(
    counts.every((count) => count >= 20 && count <= 22),
    counts.join(),
  );
  assert.ok(new Set(counts).size > 1, `all were replaced at ${counts[0]}`);
});

test('a worker that holds more than max-memory is replaced after its task, which completes', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('memory.mjs'),
    args: [...POOL, '--min', '1', '--max', '2', '--max-memory', '200MB'],
  });
  const { status, body } = await get(`${server.url}/keep?mb=150`);
  assert.equal(status, 200);
  const pid = Number(body);
  const { reason } = await server.waitForLog((line) => line['event'] === 'worker:draining' && line['workerPid'] === pid);
  assert.equal(reason, 'memory');
  await gone([pid]);
  assert.notEqual(await pidOf(server), pid);
});

test('a worker that reaches twice max-memory is killed in the middle of its task', { timeout: 60_000 }, async () => {
  await using server = await startServer({
    entry: handler('memory.mjs'),
    args: [...POOL, '--min', '1', '--max', '2', '--max-memory', '100MB'],
  });
  const { status, headers } = await get(`${server.url}/grow`);
  assert.equal(status, 502);
  const pid = Number(headers['x-worker']);
  const { reason } = await server.waitForLog((line) => line['event'] === 'worker:killing' && line['workerPid'] === pid);
  assert.equal(reason, 'memory');
  await gone([pid]);
  assert.ok((await pidOf(server)) > 0);
});
