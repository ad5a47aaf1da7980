import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { Sentinel } from '../../src/supervisor/sentinel.ts';
import { until } from '../support/until.ts';

const SCHED_OTHER = 0;
const SCHED_IDLE = 5;

/** proc_pid_stat: the policy is the 39th field after the name, which may hold blanks and brackets. */
function policyOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
}

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
