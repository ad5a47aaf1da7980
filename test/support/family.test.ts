import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Family } from './family.ts';
import { descendants, readProcess, type ProcessInfo } from './processes.ts';
import { until } from './until.ts';

/** Starts a shell with a mark in its environment; whatever is left of it is killed after the test. */
function start(t: TestContext, script: string): { shell: ProcessInfo; family: Family; end: () => Promise<unknown> } {
  const mark = randomUUID();
  const child = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true, env: { ...process.env, MARK: mark } });
  const shell = readProcess(child.pid ?? 0);
  assert.ok(shell !== null);
  const family = new Family(shell, `MARK=${mark}`);
  t.after(() => {
    for (const info of family.live()) process.kill(info.pid, 'SIGKILL');
  });
  const end = () => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    return exit;
  };
  return { shell, family, end };
}

const sleepers = (family: Family) => family.children().filter((info) => info.cmd.startsWith('sleep'));

test('finds by its mark a process whose parent has ended, without having seen it before', async (t) => {
  const { shell, family, end } = start(t, 'sleep 1001 & wait');
  // `descendants` does the waiting, so that the family has not looked before.
  await until(() => descendants(shell.pid).some((info) => info.cmd === 'sleep 1001'), { describe: 'the child' });
  await end();
  const [orphan] = family.children();
  assert.equal(orphan?.cmd, 'sleep 1001');
  assert.notEqual(orphan.ppid, shell.pid);
});

test('remembers a process without the mark once it was seen', async (t) => {
  const { shell, family, end } = start(t, 'env -i sleep 1002 & wait');
  await until(() => sleepers(family).length === 1, { describe: 'the child without environment' });
  await end();
  const [orphan] = family.children();
  assert.equal(orphan?.cmd, 'sleep 1002');
  assert.notEqual(orphan.ppid, shell.pid);
});

test('fails when a process is left, names it and kills it', async (t) => {
  const { family, end } = start(t, 'setsid sleep 1003 & wait');
  await until(() => sleepers(family).length === 1, { describe: 'the child in a session of its own' });
  await end();
  await assert.rejects(family.ended(50), /every process of the server to end; still alive: .*sleep 1003/);
  await family.ended();
});

test('has ended when all have', async (t) => {
  const { family } = start(t, 'sleep 0.01 & wait');
  await family.ended();
  assert.deepEqual(family.live(), []);
});
