import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LaneProcesses } from '../../src/lab/lane-processes.ts';
import type { Process } from '../../src/lab/process-table.ts';

/** Beyond any pid of Linux, so that nothing is found in /proc under it. */
const BASE = 10_000_000;
const [PRIMARY, WORKER, GRANDCHILD, STRANGER] = [BASE + 1, BASE + 2, BASE + 3, BASE + 4];

function tableOf(...processes: readonly (readonly [pid: number, ppid: number, startTicks: number, cpuMs: number])[]) {
  return new Map<number, Process>(processes.map(([pid, ppid, startTicks, cpuMs]) => [pid, { pid, ppid, startTicks, cpuMs }]));
}

test('those below a primary are found, remembered when it is gone, and then orphans', () => {
  const processes = new LaneProcesses();
  processes.look(
    tableOf([PRIMARY, 1, 5, 0], [WORKER, PRIMARY, 6, 0], [GRANDCHILD, WORKER, 7, 0], [STRANGER, 1, 8, 0]),
    PRIMARY,
    0,
  );
  assert.deepEqual(processes.childrenOf(PRIMARY), [WORKER, GRANDCHILD]);
  assert.ok(processes.tell(PRIMARY, new Map()).every(({ isOrphan }) => !isOrphan));
  processes.look(tableOf([WORKER, 1, 6, 0], [GRANDCHILD, 1, 7, 0]), undefined, 500);
  assert.deepEqual(processes.childrenOf(PRIMARY), [WORKER, GRANDCHILD]);
  assert.ok(processes.tell(undefined, new Map()).every(({ isOrphan }) => isOrphan));
  processes.look(tableOf([GRANDCHILD, 1, 7, 0]), undefined, 1000);
  assert.deepEqual(processes.childrenOf(PRIMARY), [GRANDCHILD]);
});

test('a pid that was given to another process is not the one that was known', () => {
  const processes = new LaneProcesses();
  processes.look(tableOf([PRIMARY, 1, 5, 0], [WORKER, PRIMARY, 6, 0]), PRIMARY, 0);
  processes.look(tableOf([WORKER, 1, 99, 0]), undefined, 500);
  assert.deepEqual(processes.pids, []);
});

test('the CPU is that of the time between two looks', () => {
  const processes = new LaneProcesses();
  processes.look(tableOf([PRIMARY, 1, 5, 1000]), PRIMARY, 0);
  assert.equal(processes.tell(PRIMARY, new Map())[0]?.cpuPercent, 0);
  processes.look(tableOf([PRIMARY, 1, 5, 1250]), PRIMARY, 500);
  assert.equal(processes.tell(PRIMARY, new Map())[0]?.cpuPercent, 50);
  // Too soon after the last look to say another thing.
  processes.look(tableOf([PRIMARY, 1, 5, 1260]), PRIMARY, 510);
  assert.equal(processes.tell(PRIMARY, new Map())[0]?.cpuPercent, 50);
});
