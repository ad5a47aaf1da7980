import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../src/admin/api.ts';
import { printed, send } from '../children/watch.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { startWithAdmin } from './admin-of.ts';
import { askAdmin, stateOf } from './ask-admin.ts';

const MAX = 2;

for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
  test(`mode ${mode}: while every worker loops for ever, the API answers and tells at what`, { timeout: 120_000 }, async (t) => {
    await using admin = await startWithAdmin(t, {
      entry: handler('as-told.mjs'),
      args: ['--mode', mode, '--max', `${MAX}`, '--spares', '0', '--health'],
    });
    const { server, socket } = admin;
    let state: State | undefined;
    for (let count = 1; count <= MAX; count += 1) {
      send(server, `/loop?number=${count}`);
      await printed(server, 'looping', count);
    }
    const busy = await until(
      async () => {
        state = await stateOf(socket);
        const { workers } = state;
        return workers.length === MAX && workers.every(({ health, task }) => health === 'busy' && task !== null) && workers;
      },
      { describe: () => `all workers to be seen busy; the state is ${JSON.stringify(state)}`, withinMs: 30_000 },
    );
    assert.deepEqual(new Set(busy.map(({ task }) => task?.url)), new Set(['/loop?number=1', '/loop?number=2']));
    for (const { state: doing, task, running, kind, eventLoopDelayMs } of busy) {
      assert.ok(eventLoopDelayMs >= 500, `a delay of ${eventLoopDelayMs} ms`);
      assert.deepEqual([doing, task?.method, running, kind], ['busy', 'GET', 1, mode === 'thread' ? 'thread' : 'process']);
      assert.ok(!Number.isNaN(Date.parse(task?.startedAt ?? '')));
    }
    const [first] = busy;
    const later = await until(
      async () => {
        const worker = (await stateOf(socket)).workers.find(({ id }) => id === first?.id);
        return (worker?.task?.runMs ?? 0) > (first?.task?.runMs ?? 0) && worker;
      },
      { describe: 'the run time to grow' },
    );
    // It is the same task, however often it was reported.
    assert.deepEqual([later.task?.id, later.task?.startedAt], [first?.task?.id, first?.task?.startedAt]);
    assert.equal((await askAdmin(socket, '/livez')).status, 200);
    assert.equal((await askAdmin(socket, '/readyz')).status, 200);
    assert.match((await askAdmin(socket, '/metrics')).text, /^prefork_workers\{state="busy"\} 2$/m);
    // The main port is the primary's, but for mode cluster.
    if (mode === 'cluster') return;
    assert.equal((await get(`${server.url}/livez`)).status, 200);
    assert.equal((await get(`${server.url}/readyz`)).status, 200);
  });
}

test('a cluster worker that is ended at the deadline leaves what it was at to the totals', { timeout: 60_000 }, async (t) => {
  await using admin = await startWithAdmin(t, {
    entry: handler('as-told.mjs'),
    args: ['--mode', 'cluster', '--max', '1', '--deadline', '500ms'],
  });
  send(admin.server, '/loop');
  const { totals } = await until(
    async () => {
      const state = await stateOf(admin.socket);
      return state.totals.timedOut === 1 && state;
    },
    { describe: 'the task to count as timed out', withinMs: 30_000 },
  );
  assert.deepEqual([totals.admitted, totals.crashed, totals.completed], [1, 0, 0]);
});
