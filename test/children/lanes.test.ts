import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import type { LogLine, TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { linesAbout, pidOf, printed, send } from './watch.ts';

const LIMIT = { timeout: 60_000 };

function serve(mode: string, args: readonly string[], idempotent = false): Promise<TestServer> {
  return startServer({
    entry: handler('lanes.mjs'),
    args: ['--mode', mode, '--log-level', 'debug', ...args],
    env: { IDEMPOTENT: idempotent ? '1' : '0', NODE_V8_COVERAGE: undefined },
  });
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
  async () => {
    await using server = await serve('pool', ['--max', '2', '--queue-timeout', '1m'], true);
    const first = new AbortController();
    get(`${server.url}/first?ms=ever`, { signal: first.signal }).catch(() => undefined);
    await printed(server, '/first');
    await logged(server, 'task:demoted');
    const second = get(`${server.url}/second?ms=300`);
    const [pid = 0] = await printed(server, '/second');
    const [line] = await logged(server, 'task:requeued');
    assert.equal(line?.['workerPid'], pid);
    assert.equal(line?.['level'], 30);
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
  async () => {
    await using server = await serve('pool', ['--max', '2', '--quantum', '5ms']);
    // 32 teach it, or 33 where the last one is told late; and every eighth of those that are expected to be long is tried as a short one.
    for (let times = 0; times < 36; times += 1) await get(`${server.url}/known?ms=12`);
    const before = server.logs().filter((line) => line['event'] === 'task:overstays').length;
    send(server, '/first?ms=ever');
    await printed(server, '/first');
    const overstaying = get(`${server.url}/second?ms=3000`);
    const [pid = 0] = await printed(server, '/second');
    assert.equal((await logged(server, 'task:overstays', before + 1)).at(-1)?.['workerPid'], pid);
    const refused = await get(`${server.url}/known?ms=12`);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(refused.text(), /ERR_LONG_LANE_FULL/);
    assert.equal((await overstaying).text(), String(pid));
    assert.deepEqual(linesAbout(server, 'worker:killing', pid), []);
    assert.equal((await get(`${server.url}/short`)).status, 200);
  },
);

test('threads can not be demoted, which is said once', LIMIT, async () => {
  await using server = await serve('thread', ['--max', '4']);
  await Promise.all([get(`${server.url}/one?ms=300`), get(`${server.url}/two?ms=300`)]);
  await logged(server, 'task:demoted', 2);
  const notices = server.logs().filter((line) => line['event'] === 'server:notice');
  assert.equal(notices.length, 1);
  assert.match(String(notices[0]?.['msg']), /priority of long tasks can not be lowered, threads share that of their process/);
});

test('a key that makes no sense ends the start with one line that says what was expected', LIMIT, async () => {
  await assert.rejects(startServer({ entry: handler('wrong-key.mjs') }), (error: Error) => {
    assert.match(error.message, /the handler's config\.key: found "\{size\}", expected text with \{method\}/);
    assert.doesNotMatch(error.message, /\n\s+at /);
    return true;
  });
});
