import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism, getPriority } from 'node:os';
import { test } from 'node:test';
import { areSessionsGroups, callForSlices } from '../../src/supervisor/priority.ts';
import { startWithAdmin } from '../admin/admin-of.ts';
import { askAdmin, stateOf } from '../admin/ask-admin.ts';
import { type FullResponse, get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { niceOfGroup, sliceOf } from '../support/scheduling.ts';
import { type StartOptions, startServer } from '../support/server.ts';
import type { LogLine, TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { linesAbout, pidOf, printed, send } from './watch.ts';

const LIMIT = { timeout: 60_000 };

function served(mode: string, args: readonly string[], idempotent = '0'): StartOptions {
  return {
    entry: handler('lanes.mjs'),
    args: ['--mode', mode, '--log-level', 'debug', ...args],
    env: { IDEMPOTENT: idempotent, NODE_V8_COVERAGE: undefined },
  };
}

function serve(mode: string, args: readonly string[], idempotent = '0'): Promise<TestServer> {
  return startServer(served(mode, args, idempotent));
}

/** Waits for log lines of a kind, and resolves with them. */
function logged(server: TestServer, event: string, count = 1): Promise<LogLine[]> {
  const lines = (): LogLine[] => server.logs().filter((line) => line['event'] === event);
  return until(() => (lines().length >= count ? lines() : null), {
    describe: () => `${count} lines of ${event}; stderr has:\n${server.stderr().join('\n')}`,
  });
}

for (const mode of ['pool', 'fork']) {
  test(`mode ${mode}: what computes long is demoted, another worker answers, and the task gets its result`, LIMIT, async () => {
    await using server = await serve(mode, ['--max', '4']);
    const long = get(`${server.url}/long?ms=3000`);
    const [pid = 0] = await printed(server, '/long');
    assert.equal((await logged(server, 'task:demoted'))[0]?.['workerPid'], pid);
    await until(() => getPriority(pid) > 0, { describe: () => `a lower priority of ${pid}, which has ${getPriority(pid)}` });
    assert.notEqual(await pidOf(server, '/short'), pid);
    assert.equal((await long).text(), String(pid));
  });
}

test(
  'after its long task a worker has its priority back, or is replaced where the system does not give it back',
  LIMIT,
  async () => {
    await using server = await serve('pool', ['--max', '4', '--idle-timeout', '10m']);
    const long = get(`${server.url}/long?ms=1500`);
    const [pid = 0] = await printed(server, '/long');
    await until(() => getPriority(pid) > 0, { describe: `a lower priority of ${pid}` });
    await long;
    // The answer may be here before the worker has said that its task is over.
    if (process.getuid?.() === 0)
      await until(() => getPriority(pid) === 0, { describe: () => `priority 0, not ${getPriority(pid)}` });
    else await gone([pid]);
  },
);

test('what computes long leaves a CPU at once to who wakes up', LIMIT, async (t) => {
  if (callForSlices() === undefined || !existsSync('/proc/self/sched'))
    return t.skip('needs Linux 6.12, Perl and /proc/PID/sched');
  await using server = await serve('pool', ['--max', '4', '--idle-timeout', '10m']);
  const long = get(`${server.url}/long?ms=1500`);
  const [pid = 0] = await printed(server, '/long');
  await until(() => sliceOf(pid) === 6_000_000, { describe: () => `slices of 6 ms for ${pid}, which has ${sliceOf(pid)} ns` });
  // Where the session has the priority, the thread is hardly below the other threads of its process.
  if (areSessionsGroups()) assert.ok(getPriority(pid) === 1 && niceOfGroup(pid) > 1);
  else assert.ok(getPriority(pid) > 1);
  await long;
  if (process.getuid?.() === 0) {
    await until(() => sliceOf(pid) < 6_000_000, { describe: 'the usual slices' });
    if (areSessionsGroups()) assert.equal(niceOfGroup(pid), 0);
  } else await gone([pid]);
});

test('a task that waits for something is not demoted in priority', LIMIT, async () => {
  await using server = await startServer({ entry: handler('as-told.mjs'), args: ['--max', '4', '--log-level', 'debug'] });
  send(server, '/wait');
  const [pid = 0] = await printed(server, 'waiting');
  await logged(server, 'task:demoted');
  // What computes beside it is: so the demotion has looked at both.
  send(server, '/loop');
  const [looping = 0] = await printed(server, 'looping');
  await until(() => getPriority(looping) > 0, { describe: `a lower priority of ${looping}` });
  assert.equal(getPriority(pid), 0);
});

test(
  'the long lane is full: a task that may be started again waits, and leaves the last worker to short ones',
  LIMIT,
  async (t) => {
    await using admin = await startWithAdmin(t, served('pool', ['--max', '2', '--queue-timeout', '1m'], '1'));
    const { server, socket } = admin;
    const first = new AbortController();
    get(`${server.url}/first?ms=ever`, { signal: first.signal }).catch(() => undefined);
    await printed(server, '/first');
    await logged(server, 'task:demoted');
    const second = get(`${server.url}/second?cpu=300`);
    const [pid = 0] = await printed(server, '/second');
    const [line] = await logged(server, 'task:requeued');
    assert.equal(line?.['workerPid'], pid);
    assert.equal(line?.['level'], 30);
    const { lanes } = await stateOf(socket);
    assert.deepEqual([lanes?.totals.demoted, lanes?.totals.requeued, lanes?.waiting.long], [1, 1, 1]);
    await gone([pid]);
    assert.ok((await pidOf(server, '/short')) > 0);
    assert.equal((await printed(server, '/second')).length, 1);
    // There is room as soon as the first one is gone: then the second is started again, and answered once.
    first.abort();
    const answer = await second;
    assert.equal(answer.status, 200);
    assert.deepEqual(await printed(server, '/second', 2), [pid, Number(answer.text())]);
  },
);

test(
  'the long lane is full: a task that may not be started again goes on, and long ones are told to come later',
  LIMIT,
  async (t) => {
    await using admin = await startWithAdmin(t, served('pool', ['--max', '2', '--quantum', '5ms']));
    const { server, socket } = admin;
    // 32 teach it.
    for (let times = 0; times < 36; times += 1) await get(`${server.url}/known?cpu=20`);
    const count = (event: string): number => server.logs().filter((line) => line['event'] === event).length;
    const demoted = count('task:demoted');
    send(server, '/first?ms=ever');
    await logged(server, 'task:demoted', demoted + 1);
    const before = count('task:overstays');
    // Every eighth of those that are expected to be long is tried as a short one: that one waits for the worker, and the next one does not.
    const hold = async (times: number): Promise<[string, FullResponse, string]> => {
      const overstaying = get(`${server.url}/second?ms=3000`);
      const pid = (await printed(server, '/second', times)).at(-1) ?? 0;
      assert.equal((await logged(server, 'task:overstays', before + times)).at(-1)?.['workerPid'], pid);
      assert.equal((await stateOf(socket)).lanes?.running.overstaying, 1);
      const known = await get(`${server.url}/known?cpu=20`);
      return [String(pid), known, (await overstaying).text()];
    };
    let [pid, refused, answer] = await hold(1);
    if (refused.status === 200) [pid, refused, answer] = await hold(2);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(refused.text(), /ERR_LONG_LANE_FULL/);
    const { lanes, totals } = await stateOf(socket);
    assert.equal(lanes?.totals.rejected.longLaneFull, totals.rejected);
    assert.equal(lanes?.totals.overstayed, count('task:overstays'));
    assert.equal(lanes?.totals.demoted, count('task:demoted'));
    const metrics = (await askAdmin(socket, '/metrics')).text;
    assert.match(metrics, new RegExp(`^prefork_lane_acts_total\\{act="overstayed"\\} ${lanes?.totals.overstayed}$`, 'm'));
    assert.match(metrics, new RegExp(`^prefork_tasks_rejected_total\\{reason="long_lane_full"\\} ${totals.rejected}$`, 'm'));
    assert.equal(answer, pid);
    assert.deepEqual(linesAbout(server, 'worker:killing', Number(pid)), []);
    assert.equal((await get(`${server.url}/short`)).status, 200);
  },
);

test(
  "one client's requests wait for their turns, whatever is known of them, so that they do not hold up another's one",
  LIMIT,
  async (t) => {
    await using admin = await startWithAdmin(t, served('pool', ['--max', '2', '--quantum', '20s', '--queue-timeout', '1m']));
    const { server, socket } = admin;
    const holders = new AbortController();
    for (const path of ['/first', '/second']) {
      get(`${server.url}${path}?ms=ever`, { signal: holders.signal }).catch(() => undefined);
      await printed(server, path);
    }
    const waiting: Promise<FullResponse>[] = [];
    const queue = async (path: string, client: string): Promise<void> => {
      waiting.push(get(`${server.url}${path}?cpu=5`, { headers: { 'x-tenant': client } }));
      await until(async () => (await stateOf(socket)).queue.depth === waiting.length, { describe: `${path} to wait` });
    };
    for (let count = 0; count < 20; count += 1) await queue('/many', 'many');
    await queue('/one', 'one');
    holders.abort();
    for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 200);
    const begun = server
      .logs()
      .filter(({ event, msg }) => event === 'worker:output' && (msg === '/many' || msg === '/one'))
      .map(({ msg }) => msg);
    assert.equal(begun.length, 21);
    // Two workers print to pipes of their own, so that the order of those that begin at once may be another.
    assert.ok(begun.indexOf('/one') <= 4, begun.join(' '));
  },
);

test('the long lane is full: a POST goes on where only GET may be started again, and a GET makes room', LIMIT, async () => {
  await using server = await serve('pool', ['--max', '2', '--queue-timeout', '1m'], 'GET');
  send(server, '/first?ms=ever');
  await logged(server, 'task:demoted');
  const posted = get(`${server.url}/second?cpu=300`, { method: 'POST' });
  const [pid = 0] = await printed(server, '/second');
  assert.equal((await logged(server, 'task:overstays'))[0]?.['workerPid'], pid);
  assert.deepEqual([(await posted).status, (await posted).text()], [200, String(pid)]);
  const got = new AbortController();
  get(`${server.url}/third?cpu=300`, { signal: got.signal }).catch(() => undefined);
  const [third = 0] = await printed(server, '/third');
  assert.equal((await logged(server, 'task:requeued'))[0]?.['workerPid'], third);
  await gone([third]);
  got.abort();
});

for (const [entry, message] of [
  ['wrong-method.mjs', /config\.idempotent has "get" in its list, expected methods in capital letters such as \['GET', 'HEAD'\]/],
  ['unknown-method.mjs', /the handler's config\.idempotent: found "GTE", expected true, false, or methods that requests have/],
] as const)
  test(`methods that make no sense end the start with one line that says what was expected: ${entry}`, LIMIT, async () => {
    await assert.rejects(startServer({ entry: handler(entry) }), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n\s+at /);
      return true;
    });
  });

test('threads are not demoted, which is said once', LIMIT, async () => {
  await using server = await serve('thread', ['--max', '4']);
  await Promise.all([get(`${server.url}/one?cpu=300`), get(`${server.url}/two?cpu=300`)]);
  await logged(server, 'task:demoted', 2);
  const notices = server.logs().filter((line) => line['event'] === 'server:notice');
  assert.equal(notices.length, 1);
  assert.match(String(notices[0]?.['msg']), /priority of long tasks can not be lowered, threads share that of their process/);
});

test('a short task on a machine whose CPUs are all taken is not taken for a long one', { timeout: 120_000 }, async (t) => {
  if (process.platform !== 'linux') return t.skip('elsewhere the system does not tell who waits for a CPU');
  await using server = await serve('pool', ['--max', '4', '--quantum', '200ms']);
  // Its first task has more to do.
  assert.equal((await get(`${server.url}/short`)).status, 200);
  const crowd = Array.from({ length: 4 * availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { detached: true, stdio: 'ignore' }),
  );
  t.after(() =>
    Promise.all(
      crowd.map((child) => {
        child.kill('SIGKILL');
        return once(child, 'exit');
      }),
    ),
  );
  // Of the time in which its main thread waits for another thread of its own, which has no CPU, the system does not tell.
  let slow = 0;
  await until(
    async () => {
      const startMs = performance.now();
      assert.equal((await get(`${server.url}/short?cpu=40`)).status, 200);
      if (performance.now() - startMs > 300) slow += 1;
      return slow === 5;
    },
    { describe: () => `five requests that outlive their quantum on the clock; there were ${slow}`, withinMs: 60_000 },
  );
  const demoted = server.logs().filter((line) => line['event'] === 'task:demoted');
  assert.ok(demoted.length <= 2, `${demoted.length} of ${slow} were taken for long ones`);
});

test('a key that makes no sense ends the start with one line that says what was expected', LIMIT, async () => {
  await assert.rejects(startServer({ entry: handler('wrong-key.mjs') }), (error: Error) => {
    assert.match(error.message, /the handler's config\.key: found "\{size\}", expected text with \{method\}/);
    assert.doesNotMatch(error.message, /\n\s+at /);
    return true;
  });
});
