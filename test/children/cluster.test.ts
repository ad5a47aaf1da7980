import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { pidOf, printed, ready, send } from './watch.ts';

const CLUSTER = ['--mode', 'cluster', '--log-level', 'debug'];
const entry = handler('as-told.mjs');

test('every worker answers by itself', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: [...CLUSTER, '--max', '3'] });
  const pids = await ready(server, 3);
  // Who accepts is up to the kernel; one that computes does not.
  const answered: number[] = [];
  for (let count = 1; count <= 2; count += 1) {
    send(server, '/loop');
    answered.push(...(await printed(server, 'looping', count)).slice(-1));
  }
  answered.push(await pidOf(server));
  assert.deepEqual(new Set(answered), new Set(pids));
});

test('a worker that is killed is replaced, and the others serve meanwhile', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: [...CLUSTER, '--max', '2'] });
  const [victim = 0, other = 0] = await ready(server, 2);
  process.kill(victim, 'SIGKILL');
  await gone([victim]);
  assert.equal(await pidOf(server), other);
  const { reason, level } = await server.waitForLog((line) => line['event'] === 'worker:gone' && line['workerPid'] === victim);
  assert.deepEqual([reason, level], ['signal SIGKILL', 50]);
  const after = await ready(server, 2);
  assert.ok(after.includes(other) && !after.includes(victim));
});

test('a worker that loops past the deadline is ended and replaced, and the others serve', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: [...CLUSTER, '--max', '2', '--deadline', '1s'] });
  await ready(server, 2);
  send(server, '/loop');
  const [looping = 0] = await printed(server, 'looping');
  for (let times = 0; times < 10; times += 1) assert.notEqual(await pidOf(server), looping);
  await gone([looping]);
  const { reason } = await server.waitForLog((line) => line['event'] === 'worker:gone' && line['workerPid'] === looping);
  assert.equal(reason, 'killed (deadline)');
  const after = await ready(server, 2);
  assert.ok(!after.includes(looping));
});

test(
  'a task that waits past the deadline gets a 504, and its worker is replaced when it has drained',
  { timeout: 60_000 },
  async () => {
    await using server = await startServer({ entry, args: [...CLUSTER, '--max', '2', '--deadline', '1s'] });
    await ready(server, 2);
    const response = await get(`${server.url}/wait`);
    assert.equal(response.status, 504);
    assert.match(response.text(), /ERR_DEADLINE/);
    const pid = Number(response.headers['x-worker']);
    const { reason } = await server.waitForLog((line) => line['event'] === 'worker:gone' && line['workerPid'] === pid);
    assert.equal(reason, 'drained (deadline)');
    await ready(server, 2);
  },
);

for (const max of [1, 3]) {
  test(
    `of ${max}, a worker is replaced after max-requests, and there is always one that listens`,
    { timeout: 120_000 },
    async () => {
      await using server = await startServer({ entry, args: [...CLUSTER, '--max', `${max}`, '--max-requests', '5'] });
      const pids = new Set<number>();
      await until(
        async () => {
          // A connection that is accepted at the very moment of the drain is closed, as one is that was kept alive.
          const pid = await pidOf(server).catch((error: unknown) => Object(error).code);
          assert.notEqual(pid, 'ECONNREFUSED');
          return pid === 'ECONNRESET' || pids.add(pid).size >= 2 * max;
        },
        { describe: () => `workers to be replaced; so far ${[...pids].join()} answered`, withinMs: 60_000 },
      );
      const { reason } = await server.waitForLog((line) => line['event'] === 'worker:gone');
      assert.equal(reason, 'drained (maxRequests)');
    },
  );
}

test('a worker that retires breaks no kept connection whose next request is on its way', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: ['--mode', 'cluster', '--max', '2', '--max-requests', '20'] });
  const pids = new Set<number>();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let times = 0; times < 100; times += 1) pids.add(Number((await get(server.url, { agent })).text()));
      agent.destroy();
    }),
  );
  assert.ok(pids.size > 2, `${pids.size} workers answered`);
});

test('SIGTERM lets each worker finish what it runs', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('slow.mjs'), args: [...CLUSTER, '--max', '2'] });
  await ready(server, 2);
  const answers = [get(`${server.url}/slow?ms=1500`), get(`${server.url}/slow?ms=1500`)];
  await printed(server, 'started', 2);
  const exit = await server.stop();
  assert.deepEqual(
    (await Promise.all(answers)).map((response) => response.status),
    [200, 200],
  );
  assert.deepEqual(exit, { code: 0, signal: null });
});
