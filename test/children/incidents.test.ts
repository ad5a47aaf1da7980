import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Incident } from '../../src/diagnostics/incident.ts';
import { get, open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { pidOf, printed } from './watch.ts';

interface Watched extends AsyncDisposable {
  readonly server: TestServer;
  readonly incidents: () => Incident[];
}

/** A server whose incidents are read from their files. */
async function watched(
  t: TestContext,
  fixture: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Watched> {
  const folder = mkdtempSync(path.join(tmpdir(), 'prefork-incidents-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const server = await startServer({ entry: handler(fixture), args: ['--incidents', folder, ...args], env });
  const incidents = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Incident);
  return { server, incidents, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** The only incident, once it is one for which the predicate holds. */
async function theOne(incidents: () => Incident[], holds: (incident: Incident) => boolean): Promise<Incident> {
  return until(
    () => {
      const [first, ...more] = incidents();
      assert.deepEqual(more, []);
      return first !== undefined && holds(first) ? first : null;
    },
    { describe: () => `one incident; there are ${JSON.stringify(incidents())}` },
  );
}

const CRASHES = [
  { name: 'an exit', fixture: 'exits.mjs', exitCode: 3, signal: null, how: /exit code 3/ },
  { name: 'a segmentation fault', fixture: 'segfaults.mjs', exitCode: null, signal: 'SIGSEGV', how: /signal SIGSEGV/ },
  { name: 'a full heap', fixture: 'out-of-memory.mjs', exitCode: null, signal: null, how: /heap was full/ },
  { name: 'an error that nobody catches', fixture: 'throws-later.mjs', exitCode: 1, signal: null, how: /exit code 1/ },
] as const;

for (const mode of ['fork', 'pool']) {
  describe(`mode ${mode}: an incident is recorded, and the client has its id`, () => {
    const args = ['--mode', mode, '--min', '1', '--max', '2', '--spares', '0'];

    // How a process ended is told by the same code in both.
    for (const { name, fixture, exitCode, signal, how } of mode === 'pool' ? CRASHES : CRASHES.slice(0, 1)) {
      test(`of ${name}`, { timeout: 60_000 }, async (t) => {
        const env = fixture === 'out-of-memory.mjs' ? { NODE_OPTIONS: '--max-old-space-size=64' } : {};
        await using it = await watched(t, fixture, args, env);
        const answer = await get(`${it.server.url}/?secret=no`);
        assert.equal(answer.status, 502);
        const { incident: id } = answer.json() as { incident: string };
        const incident = await theOne(it.incidents, ({ kind }) => kind === 'crash');
        assert.equal(incident.id, id);
        assert.equal(incident.mode, mode);
        assert.deepEqual(
          [incident.request?.method, incident.request?.url, incident.request?.route],
          ['GET', '/?secret=no', 'GET /'],
        );
        assert.equal(incident.worker?.pid, Number(answer.headers['x-worker']));
        assert.deepEqual([incident.end?.exitCode, incident.end?.signal, incident.end?.status], [exitCode, signal, 502]);
        assert.match(String(incident.end?.how), how);
        assert.deepEqual(
          // A crowded machine may take so long that it is demoted, and reported as slow.
          incident.timeline.map(({ what }) => what).filter((what) => what !== 'demoted' && what !== 'reported'),
          ['queued', 'started', 'killed'],
        );
        if (fixture === 'throws-later.mjs')
          assert.match(incident.lastWords.join('\n'), /Error: .*\n\s+at .*throws-later\.mjs:\d+/);
        const log = await it.server.waitForLog((line) => line['event'] === 'task:failed');
        assert.equal(log['incident'], id);
      });
    }

    test('of a deadline, in a loop and in a wait, with what was reported before', { timeout: 60_000 }, async (t) => {
      await using it = await watched(t, 'as-told.mjs', [...args, '--deadline', '2s']);
      const answer = await get(`${it.server.url}/loop`);
      assert.equal(answer.status, 504);
      const { incident: id } = answer.json() as { incident: string };
      const incident = await theOne(it.incidents, ({ kind }) => kind === 'deadline');
      assert.equal(incident.id, id);
      assert.equal(incident.end?.how, 'it was ended at its deadline of 2s');
      assert.ok(incident.timeline.some(({ what }) => what === 'reported'));
      // Those of its end, and not of the report at half of the deadline. On a crowded machine the worker is given the task well after the
      // scheduler has read the clock.
      assert.ok((incident.figures?.runMs ?? 0) > 1500, `runMs is ${incident.figures?.runMs}`);
      const waiting = await get(`${it.server.url}/wait`);
      assert.equal(waiting.status, 504);
      await until(() => it.incidents().length >= 2, { describe: 'a second incident' });
      // Its worker is ended after a while: that is the same story.
      assert.equal((await get(it.server.url)).status, 200);
      await it.server.stop();
      assert.deepEqual(
        it.incidents().map(({ kind }) => kind),
        ['deadline', 'deadline'],
      );
    });

    test('of a client that left while its task computed', { timeout: 60_000 }, async (t) => {
      await using it = await watched(t, 'as-told.mjs', args);
      const leaving = new AbortController();
      const answer = get(`${it.server.url}/loop`, { signal: leaving.signal }).catch(() => 'left');
      await printed(it.server, 'looping');
      leaving.abort();
      assert.equal(await answer, 'left');
      await theOne(it.incidents, ({ kind }) => kind === 'cancelled');
    });

    test('of a task that was slow and ended by itself, and none of one that was not', { timeout: 60_000 }, async (t) => {
      await using it = await watched(t, 'slow.mjs', [...args, '--slow', '1s']);
      assert.equal((await get(`${it.server.url}/slow?ms=1`)).status, 200);
      assert.equal((await get(`${it.server.url}/slow?ms=2500`)).status, 200);
      const incident = await theOne(it.incidents, ({ end }) => end !== null);
      assert.equal(incident.kind, 'slow');
      assert.equal(incident.end?.how, 'it ended by itself, with status 200');
      const line = await it.server.waitForLog((entry) => entry['event'] === 'task:slow');
      assert.deepEqual([line['level'], line['incident']], [40, incident.id]);
    });

    test('but not when slow reports are off', { timeout: 60_000 }, async (t) => {
      await using it = await watched(t, 'slow.mjs', [...args, '--slow', '0', '--deadline', '3s']);
      // Half of the deadline would be slow by default.
      assert.equal((await get(`${it.server.url}/slow?ms=2000`)).status, 200);
      assert.equal((await get(`${it.server.url}/slow?ms=60000`)).status, 504);
      const incident = await theOne(it.incidents, ({ kind }) => kind === 'deadline');
      assert.equal(incident.stack, null);
    });

    test('of a worker that does not boot', { timeout: 60_000 }, async (t) => {
      const told = path.join(mkdtempSync(path.join(tmpdir(), 'prefork-told-')), 'told');
      t.after(() => rmSync(path.dirname(told), { recursive: true, force: true }));
      await using it = await watched(t, 'as-told.mjs', [...args, '--spares', '1'], { TOLD_FILE: told });
      const pid = await pidOf(it.server);
      writeFileSync(told, 'load: throw');
      if (mode === 'pool') process.kill(pid, 'SIGKILL');
      const incident = await until(() => it.incidents().find(({ kind }) => kind === 'boot'), { describe: 'a boot failure' });
      assert.equal(incident.request, null);
      assert.match(String(incident.end?.how), /as-told\.mjs: RangeError: broken at load/);
      assert.match(incident.lastWords.join('\n'), /at obey \(.*as-told\.mjs:\d+:\d+\)/);
    });
  });
}

test('mode thread: an incident of a deadline is recorded', { timeout: 60_000 }, async (t) => {
  await using it = await watched(t, 'as-told.mjs', ['--mode', 'thread', '--max', '2', '--deadline', '1s']);
  const answer = await get(`${it.server.url}/loop`);
  assert.equal(answer.status, 504);
  const incident = await theOne(it.incidents, ({ kind }) => kind === 'deadline');
  assert.equal(incident.id, (answer.json() as { incident: string }).incident);
});

test('mode blocking: an incident of a deadline is recorded', { timeout: 60_000 }, async (t) => {
  await using it = await watched(t, 'as-told.mjs', ['--mode', 'blocking', '--deadline', '300ms']);
  const answer = await get(`${it.server.url}/wait`);
  assert.equal(answer.status, 504);
  const incident = await theOne(it.incidents, ({ kind }) => kind === 'deadline');
  assert.equal(incident.id, (answer.json() as { incident: string }).incident);
});

describe('mode cluster: an incident is recorded', () => {
  const args = ['--mode', 'cluster', '--max', '2'];

  test('of a deadline, in a loop, with what was reported before', { timeout: 60_000 }, async (t) => {
    await using it = await watched(t, 'as-told.mjs', [...args, '--deadline', '2s']);
    await get(`${it.server.url}/loop`).catch(() => 'broken');
    const incident = await theOne(it.incidents, ({ kind }) => kind === 'deadline');
    assert.deepEqual([incident.request?.method, incident.request?.url], ['GET', '/loop']);
    assert.ok(incident.timeline.some(({ what }) => what === 'reported'));
    assert.equal(incident.end?.status, null);
  });

  test('of a deadline, in a wait, which the worker answers by itself', { timeout: 60_000 }, async (t) => {
    await using it = await watched(t, 'as-told.mjs', [...args, '--deadline', '2s']);
    const answer = await get(`${it.server.url}/wait`);
    assert.equal(answer.status, 504);
    const { incident: id } = answer.json() as { incident: string };
    const incident = await until(() => it.incidents().find(({ kind }) => kind === 'deadline'), { describe: 'the incident' });
    // What was reported as slow is the same story.
    await theOne(it.incidents, ({ end }) => end !== null);
    assert.equal(incident.request?.url, '/wait');
    const log = await it.server.waitForLog((line) => line['event'] === 'task:failed');
    assert.equal(log['incident'], id);
    assert.equal(incident.id, id);
  });

  test('of a crash, with what the worker was at', { timeout: 60_000 }, async (t) => {
    await using it = await watched(t, 'as-told.mjs', [...args, '--slow', '500ms']);
    const answer = get(`${it.server.url}/loop?x=1`).catch(() => 'broken');
    const [pid = 0] = await printed(it.server, 'looping');
    // By then its heartbeat has told what it is at.
    await it.server.waitForLog((line) => line['event'] === 'task:slow');
    process.kill(pid, 'SIGSEGV');
    assert.equal(await answer, 'broken');
    const incident = await theOne(it.incidents, ({ end }) => end !== null);
    assert.deepEqual([incident.kind, incident.request?.url, incident.end?.signal], ['crash', '/loop?x=1', 'SIGSEGV']);
  });

  test('of a task that was slow and ended by itself', { timeout: 60_000 }, async (t) => {
    await using it = await watched(t, 'slow.mjs', [...args, '--slow', '700ms']);
    assert.equal((await get(`${it.server.url}/slow?ms=3000`)).status, 200);
    const incident = await theOne(it.incidents, ({ end }) => end !== null);
    assert.deepEqual([incident.kind, incident.end?.how], ['slow', 'it ended by itself']);
  });
});

test(
  'a crash is an incident also when the task is started again, and ends the record of one that was slow',
  { timeout: 60_000 },
  async (t) => {
    await using it = await watched(t, 'dies-late-once.mjs', ['--mode', 'pool', '--max', '2', '--slow', '300ms']);
    t.after(() => rmSync(path.join(tmpdir(), `prefork-first-${it.server.pid}`), { force: true }));
    const answer = get(it.server.url);
    const slow = await it.server.waitForLog((line) => line['event'] === 'task:slow');
    process.kill(Number(slow['workerPid']), 'SIGSEGV');
    assert.equal((await answer).text(), 'again');
    const incident = await until(() => it.incidents().find(({ kind }) => kind === 'crash'), { describe: 'the crash' });
    assert.equal(incident.id, slow['incident']);
    assert.equal(incident.end?.status, null);
    assert.match(incident.end.how, /signal SIGSEGV; it was started again on another one$/);
  },
);

test('a worker that went silent is an incident of its task', { timeout: 60_000 }, async (t) => {
  await using it = await watched(t, 'as-told.mjs', ['--mode', 'pool', '--max', '2', '--slow', '0']);
  const answer = get(`${it.server.url}/wait`);
  const [pid = 0] = await printed(it.server, 'waiting');
  process.kill(pid, 'SIGSTOP');
  const response = await answer;
  assert.equal(response.status, 502);
  const incident = await theOne(it.incidents, ({ kind }) => kind === 'hung');
  assert.equal(incident.id, (response.json() as { incident: string }).incident);
});

test('the end of the server, be it by force, is no incident', { timeout: 60_000 }, async (t) => {
  await using it = await watched(t, 'as-told.mjs', [
    '--mode',
    'pool',
    '--max',
    '2',
    '--shutdown-timeout',
    '100ms',
    '--slow',
    '0',
  ]);
  const request = open(`${it.server.url}/stream`);
  await request;
  await it.server.stop();
  assert.deepEqual(it.incidents(), []);
});
