import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { after, suite, test } from 'node:test';
import { callForSlices } from '../../src/supervisor/priority.ts';
import { Sentinel } from '../../src/supervisor/sentinel.ts';
import { policyOf, SCHED_IDLE, SCHED_OTHER, sliceOf } from '../support/scheduling.ts';
import { until } from '../support/until.ts';

suite('the policy of a process', { skip: process.platform !== 'linux' || !existsSync('/usr/bin/chrt') }, () => {
  const sentinel = new Sentinel();
  after(() => sentinel.close());

  test('is changed for one that is watched, and for no other', async (t) => {
    const [watched, other] = [0, 1].map(() => spawn('sleep', ['1000'], { stdio: 'ignore' }));
    for (const child of [watched, other]) t.after(() => child?.kill('SIGKILL') === true && once(child, 'exit'));
    const [pid, otherPid] = [watched?.pid ?? 0, other?.pid ?? 0];
    sentinel.watch(pid);
    sentinel.setIdle(otherPid, true);
    sentinel.setIdle(pid, true);
    await until(() => policyOf(pid) === SCHED_IDLE, { describe: 'SCHED_IDLE' });
    assert.equal(policyOf(otherPid), SCHED_OTHER);
    sentinel.setIdle(pid, false);
    // Only root may raise a priority again.
    if (process.getuid?.() === 0) await until(() => policyOf(pid) === SCHED_OTHER, { describe: 'SCHED_OTHER' });
    sentinel.forget(pid);
  });
});

const call = callForSlices();
const tellsSlices = call !== undefined && existsSync('/proc/self/sched');
suite('the slices of a process', { skip: !tellsSlices }, () => {
  const sentinel = new Sentinel(call);
  after(() => sentinel.close());

  test('are long and usual again, its priority and policy are as they were', async (t) => {
    const child = spawn('nice', ['-n', '7', 'sleep', '1000'], { stdio: 'ignore' });
    t.after(() => child.kill('SIGKILL') && once(child, 'exit'));
    const pid = child.pid ?? 0;
    await until(() => getPriority(pid) === 7, { describe: 'its priority' });
    const usual = sliceOf(pid);
    sentinel.watch(pid);
    sentinel.setSlice(pid, true);
    await until(() => sliceOf(pid) === 6_000_000, { describe: 'a slice of 6 ms' });
    assert.equal(getPriority(pid), 7);
    assert.equal(policyOf(pid), SCHED_OTHER);
    sentinel.setSlice(pid, false);
    await until(() => sliceOf(pid) === usual, { describe: 'the usual slice' });
    assert.equal(getPriority(pid), 7);
    sentinel.forget(pid);
  });
});
