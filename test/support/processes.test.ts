import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { descendants, gone, isAlive, readProcess } from './processes.ts';
import { until } from './until.ts';

test('reads what /proc tells of this very process', () => {
  const self = readProcess(process.pid);
  assert.ok(self !== null);
  assert.equal(self.ppid, process.ppid);
  assert.match(self.cmd, /node/);
  assert.ok(self.startTicks > 0);
  assert.equal(self.state, 'R');
});

test('is not confused by a name with spaces and parentheses', async (t) => {
  const code = "process.title = 'a) R 1 (b'; process.stdout.write('ready')";
  const child = spawn(process.execPath, ['-e', `${code}; setInterval(() => {}, 1000)`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const info = readProcess(child.pid ?? 0);
  assert.equal(info?.ppid, process.pid);
  assert.match(info.cmd, /a\) R 1 \(b/);
});

test('finds children and grandchildren, and sees them go', async (t) => {
  const child = spawn('sh', ['-c', 'sleep 1000 & sleep 1000 & wait'], { stdio: 'ignore', detached: true });
  const pid = child.pid ?? 0;
  t.after(() => isAlive(pid) && process.kill(-pid, 'SIGKILL'));
  await until(() => descendants(pid).filter((info) => info.cmd === 'sleep 1000').length === 2, {
    describe: () => `two sleeping children: ${JSON.stringify(descendants(pid))}`,
  });
  const family = [pid, ...descendants(pid)];
  assert.ok(descendants(process.pid).some((info) => info.cmd === 'sleep 1000'));
  assert.ok(family.every(isAlive));

  await assert.rejects(gone(family, 20), /waited 20 ms for these processes to end: \[.*sleep 1000/);
  process.kill(-pid, 'SIGKILL');
  await gone(family);
  assert.ok(!family.some(isAlive));
});

test('takes a process of the same pid for another if it started at another time', async () => {
  const self = readProcess(process.pid);
  assert.ok(self !== null);
  assert.ok(isAlive(self));
  const former = { pid: self.pid, startTicks: self.startTicks - 1 };
  assert.ok(!isAlive(former));
  await gone([former], 1000);
});

test('knows nothing of a process that never was', () => {
  assert.equal(readProcess(2 ** 30), null);
  assert.equal(isAlive(2 ** 30), false);
});
