import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunningTask } from '../../src/channel/messages.ts';
import { TaskCounts, totalsOf, type TaskEnd } from '../../src/http/task-counts.ts';
import { ReportedTasks } from '../../src/modes/reported-tasks.ts';
import type { WorkerEnd } from '../../src/supervisor/decisions/life.ts';

function report(
  admitted: number,
  ends: readonly TaskEnd[],
  oldest: RunningTask | null = null,
): Parameters<ReportedTasks['take']>[1] {
  const counts = new TaskCounts(50);
  for (let count = 0; count < admitted; count += 1) counts.admit();
  for (const end of ends) counts.end(end, { queueMs: 0, runMs: 1 });
  return { type: 'TasksReported', counts: Array.from(counts.cells), oldest };
}

const ENDS: readonly (readonly [end: WorkerEnd, booked: Partial<Record<TaskEnd, number>>])[] = [
  [{ kind: 'exited', code: 3 }, { crashed: 2 }],
  [{ kind: 'outOfMemory' }, { crashed: 2 }],
  [{ kind: 'signalled', signal: 'SIGSEGV' }, { crashed: 2 }],
  [{ kind: 'killed', reason: 'silent' }, { crashed: 2 }],
  // The one that was late took its neighbour with it.
  [
    { kind: 'killed', reason: 'deadline' },
    { timedOut: 1, crashed: 1 },
  ],
  [{ kind: 'killed', reason: 'shutdown' }, { cancelled: 2 }],
  [{ kind: 'killed', reason: 'drainTimeout' }, { cancelled: 2 }],
];

test('what a worker was at when it ended is booked by how it ended, and what it had done before stays', () => {
  for (const [end, booked] of ENDS) {
    const tasks = new ReportedTasks();
    tasks.take(1, report(5, ['completed', 'completed', 'failed']));
    tasks.take(2, report(1, ['completed']));
    assert.deepEqual([tasks.servedBy(1), tasks.runningIn(1)], [3, 2]);
    tasks.end(1, end);
    const none = { crashed: 0, timedOut: 0, cancelled: 0, rejected: 0 };
    assert.deepEqual(totalsOf(tasks.cells()), { admitted: 6, completed: 3, failed: 1, ...none, ...booked }, JSON.stringify(end));
    assert.deepEqual([tasks.servedBy(1), tasks.runningIn(1), tasks.oldestOf(1)], [0, 0, null]);
  }
});

test('a worker that said nothing, or has nothing left, books nothing', () => {
  const tasks = new ReportedTasks();
  tasks.end(1, { kind: 'exited', code: 1 });
  tasks.take(2, report(1, ['completed']));
  tasks.end(2, { kind: 'drained', reason: 'maxRequests' });
  assert.deepEqual(totalsOf(tasks.cells()).crashed, 0);
  assert.equal(totalsOf(tasks.cells()).completed, 1);
});

test('each report replaces the one before, and the start of a task stays what it was', () => {
  const tasks = new ReportedTasks();
  tasks.take(1, report(1, [], { task: 7, method: 'GET', url: '/slow', runMs: 1000 }));
  const first = tasks.oldestOf(1);
  tasks.take(1, report(2, [], { task: 7, method: 'GET', url: '/slow', runMs: 1490 }));
  const second = tasks.oldestOf(1);
  assert.deepEqual([second?.id, second?.method, second?.url, second?.startedAt], [7, 'GET', '/slow', first?.startedAt]);
  assert.ok((second?.runMs ?? 0) >= 1000);
  assert.equal(totalsOf(tasks.cells()).admitted, 2);
  tasks.take(1, report(2, ['completed', 'completed']));
  assert.equal(tasks.oldestOf(1), null);
});
