import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaskTable } from '../../src/scheduler/task-table.ts';
import { type WorkerRecord, WorkerTable } from '../../src/scheduler/worker-table.ts';
import { POLICY } from './machine.ts';

const MB = 2 ** 20;

function tableWith(ready: number, starting = 0): WorkerTable {
  const table = new WorkerTable(POLICY);
  for (let id = 1; id <= ready + starting; id += 1) table.add(id, 1, 'starting');
  for (let id = 1; id <= ready; id += 1) table.setReady(id, 1000, 0);
  return table;
}

const EXPECTED = { lane: 'short', brief: false, steady: false, runMs: 0 } as const;
const FACTS = { key: '', client: '', weight: 1, priority: 0, restartable: false, hasBody: false };

function take(table: WorkerTable, task: number): WorkerRecord {
  const worker = table.nextIdle;
  assert.ok(worker !== undefined);
  table.hold(worker, new TaskTable().add(task, FACTS, EXPECTED, 0), 0);
  return worker;
}

function counts(table: WorkerTable): Record<string, number> {
  const { aliveCount, usableCount, startingCount, idleCount, hotCount, longCount } = table;
  return { aliveCount, usableCount, startingCount, idleCount, hotCount, longCount };
}

test('each worker is counted where it is', () => {
  const table = tableWith(4, 2);
  const first = take(table, 1);
  take(table, 2);
  first.lane = 'long';
  table.refile(first, 0);
  table.withdraw(6);
  assert.deepEqual(counts(table), { aliveCount: 6, usableCount: 5, startingCount: 1, idleCount: 2, hotCount: 3, longCount: 1 });
  table.withdraw(first.id);
  first.lane = 'short';
  table.refile(first, 0);
  assert.deepEqual(counts(table), { aliveCount: 6, usableCount: 4, startingCount: 1, idleCount: 2, hotCount: 3, longCount: 0 });
  for (let id = 1; id <= 6; id += 1) table.remove(id);
  assert.deepEqual(counts(table), { aliveCount: 0, usableCount: 0, startingCount: 0, idleCount: 0, hotCount: 0, longCount: 0 });
});

test('the worker that was free last is taken first', () => {
  const table = tableWith(3);
  assert.deepEqual([table.oldestIdle?.id, take(table, 1).id, take(table, 2).id], [1, 3, 2]);
});

test('memory has room for as many more as the mean of those that were measured says', () => {
  const table = tableWith(2);
  assert.equal(table.capacity(640 * MB), 10);
  table.measure(1, 100 * MB);
  table.measure(2, 200 * MB);
  assert.equal(table.capacity(600 * MB), 4);
  // One that boots is reckoned before it is measured.
  table.add(3, 1, 'starting');
  assert.equal(table.capacity(600 * MB), 4);
  table.measure(2, 800 * MB);
  assert.equal(table.capacity(600 * MB), 1);
  table.remove(2);
  assert.equal(table.capacity(600 * MB), 6);
});

test('there is always room for one worker', () => {
  assert.equal(tableWith(0).capacity(1), 1);
});
