import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test, type TestContext } from 'node:test';
import { serve } from '../../src/server/serve.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { linesAbout, pidOf, printed, ready, send } from './watch.ts';

interface Health {
  readonly pid: number;
  readonly health: string;
  readonly eventLoopDelayMs: number;
}

/** Collects the events of a channel until the test ends. */
function collect(t: TestContext, name: string): Health[] {
  const events: Health[] = [];
  const listener = (event: unknown): void => void events.push({ ...Object(event) });
  subscribe(name, listener);
  t.after(() => unsubscribe(name, listener));
  return events;
}

test(
  'a worker that computes is busy, and alive again after that, as events of the process that serves',
  { timeout: 60_000 },
  async (t) => {
    const events = collect(t, 'prefork:worker:health');
    const server = await serve({ entry: handler('loop.mjs'), port: 0, min: 1, max: 1, spares: 1, logLevel: 'silent' });
    t.after(() => server.close({ force: true }));
    const { body } = await get(`${server.url}/loop?ms=3000`);
    const pid = Number(body);
    await until(() => events.at(-1)?.health === 'alive', {
      describe: () => `the worker to be alive again; so far ${JSON.stringify(events)}`,
    });
    // A machine that is crowded may make it look so once more.
    assert.deepEqual(
      events.slice(0, 2).map((event) => [event.pid, event.health]),
      [
        [pid, 'busy'],
        [pid, 'alive'],
      ],
    );
    assert.ok((events[0]?.eventLoopDelayMs ?? 0) >= 500);
    // It computed, and was well: nobody ended it.
    assert.equal(Number((await get(`${server.url}/ok`)).text()), pid);
  },
);

for (const mode of ['fork', 'pool', 'cluster']) {
  test(`mode ${mode}: a worker that is stopped is hung, which is said, and it is replaced`, { timeout: 120_000 }, async () => {
    await using server = await startServer({
      entry: handler('as-told.mjs'),
      args: ['--mode', mode, '--max', '2', '--log-level', 'debug'],
    });
    await ready(server, 2);
    send(server, '/wait');
    const [pid = 0] = await printed(server, 'waiting');
    process.kill(pid, 'SIGSTOP');
    const hung = await server.waitForLog((line) => line['health'] === 'hung', 30_000);
    assert.deepEqual([hung['workerPid'], hung['level']], [pid, 50]);
    await gone([pid]);
    const { reason } = await server.waitForLog((line) => line['event'] === 'worker:gone' && line['workerPid'] === pid);
    assert.equal(reason, 'killed (silent)');
    const said = server.logs().filter((line) => line['workerPid'] === pid && String(line['event']).startsWith('worker:'));
    const loud = said.filter((line) => Number(line['level']) >= 40).map((line) => line['msg']);
    assert.deepEqual(loud, [
      `worker ${pid} is hung: nothing in the process answers, as if it were stopped or without memory; it is ended and replaced`,
    ]);
    const after = await ready(server, 2);
    assert.ok(!after.includes(pid));
    assert.notEqual(await pidOf(server), pid);
  });
}

test('one that waits, with its event loop free, is neither busy nor hung', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('slow.mjs'), args: ['--mode', 'pool', '--log-level', 'debug'] });
  const { headers } = await get(`${server.url}/slow?ms=2500`);
  assert.ok(!linesAbout(server, 'worker:health', Number(headers['x-worker'])).some((line) => line['health'] === 'hung'));
});

/** As after the suspension of a machine, or of all processes of a container: each was stopped, whoever goes on first. */
for (const [mode, whole] of [
  ['pool', false],
  ['pool', true],
  ['cluster', true],
] as const) {
  const who = whole ? 'with all its workers' : 'alone';
  test(`mode ${mode}: a server that was stopped ${who} does not take its workers for hung`, { timeout: 60_000 }, async () => {
    await using server = await startServer({
      entry: handler('loop.mjs'),
      args: ['--mode', mode, '--min', '1', '--max', '1', '--spares', '1', '--log-level', 'debug'],
    });
    const [pid = 0] = await ready(server, 1);
    const stoppedMs = performance.now();
    server.signal('SIGSTOP');
    if (whole) process.kill(pid, 'SIGSTOP');
    // Longer than a worker may be silent.
    await until(() => performance.now() - stoppedMs > 6000, { describe: '6 s to pass' });
    server.signal('SIGCONT');
    const wentOnMs = performance.now();
    // Its primary looks before it goes on.
    await until(() => performance.now() - wentOnMs > 1200, { describe: 'the server to have looked' });
    if (whole) process.kill(pid, 'SIGCONT');
    await until(() => performance.now() - wentOnMs > 2500, { describe: 'the server to have looked again' });
    assert.deepEqual(await ready(server, 1), [pid]);
    assert.equal(await pidOf(server), pid);
    assert.ok(!server.logs().some((line) => line['health'] === 'hung'));
  });
}
