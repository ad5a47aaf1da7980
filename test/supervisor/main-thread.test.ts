import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { MainThread } from '../../src/supervisor/main-thread.ts';
import { until } from '../support/until.ts';

const IDLE = 'process.stdin.resume(); process.stdout.write("is there")';
const BUSY = 'process.stdout.write("is there"); for (;;);';

function of(kind: 'process' | 'thread', pid: number): MainThread {
  return new MainThread({ kind, pid, isGroup: false });
}

/** The pid of a process of node that runs this and ends with the test. */
async function start(t: TestContext, code: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => {
    child.kill('SIGKILL');
    return new Promise((resolve) => child.once('exit', resolve));
  });
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

test(
  'one that computes beside others on one CPU waits, and one that sleeps or has a CPU does not',
  { timeout: 60_000 },
  async (t) => {
    if (process.platform !== 'linux') return t.skip('elsewhere the system does not tell');
    const pids = await Promise.all([BUSY, BUSY, BUSY, BUSY].map((code) => start(t, code)));
    // Each in the same session, so none of them is preferred.
    for (const pid of pids) execFileSync('taskset', ['-acp', '0', String(pid)]);
    const [first = 0] = pids;
    const crowded = of('process', first);
    const asleep = of('process', await start(t, IDLE));
    const startedMs = performance.now();
    crowded.begin(startedMs);
    asleep.begin(startedMs);
    const cpuMs = crowded.cpuMs ?? 0;
    await until(() => (crowded.cpuMs ?? 0) > cpuMs + 100, { describe: '100 ms of CPU time' });
    const nowMs = performance.now();
    const [ranMs, waitedMs] = [nowMs - startedMs, crowded.waitedMs(startedMs, nowMs)];
    // It had a quarter of the CPU, or less.
    assert.ok(waitedMs > ranMs / 2 && waitedMs <= ranMs, `${waitedMs} of ${ranMs} ms`);
    assert.ok(asleep.waitedMs(startedMs, nowMs) < ranMs / 2);
  },
);

test('of a task that begins soon after another nothing is waited before its start', { timeout: 60_000 }, async (t) => {
  if (process.platform !== 'linux') return t.skip('elsewhere the system does not tell');
  const thread = of('process', await start(t, IDLE));
  const beginMs = performance.now();
  thread.begin(beginMs);
  assert.equal(thread.waitedMs(beginMs + 5, beginMs + 5), 0);
});

test('a process that is gone, and a thread that is not known, have waited for nothing', () => {
  for (const thread of [of('process', 2 ** 22 + 1), of('thread', 0)]) {
    thread.begin(0);
    assert.equal(thread.cpuMs, undefined);
    assert.equal(thread.waitedMs(0, 1000), 0);
  }
});

test('of a thread the system tells as much, and its priority is left alone', { timeout: 60_000 }, async (t) => {
  if (process.platform !== 'linux') return t.skip('elsewhere the system does not tell');
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));
     parentPort.once('message', () => {});`,
    { eval: true },
  );
  const path = await new Promise<string>((resolve) => worker.once('message', resolve));
  const thread = of('thread', Number(path.split('/').at(-1)));
  assert.ok(!thread.hasPriority && (thread.cpuMs ?? 0) > 0);
  await worker.terminate();
});
