import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { TaskList } from '../../src/scheduler/task-list.ts';
import { type TaskRecord, TaskTable } from '../../src/scheduler/task-table.ts';
import { holds } from '../channel/holds.ts';

const FACTS = { key: '', client: '', weight: 1, priority: 0, restartable: false, hasBody: false };
const EXPECTED = { lane: 'short', brief: false, steady: false, runMs: 0 } as const;

function records(count: number): TaskRecord[] {
  const table = new TaskTable();
  return Array.from({ length: count }, (_, index) => table.add(index + 1, FACTS, EXPECTED, 0));
}

test('it keeps the order in which tasks were added, as a Set does', () => {
  holds(
    fc.property(fc.array(fc.nat(9), { maxLength: 60 }), (steps) => {
      const list = new TaskList();
      const model = new Set<number>();
      const all = records(10);
      for (const step of steps) {
        const record = all[step] as TaskRecord;
        if (model.delete(record.task)) list.remove(record);
        else {
          list.add(record);
          model.add(record.task);
        }
        assert.deepEqual([...list], [...model]);
        assert.deepEqual([list.size, list.first?.task], [model.size, [...model][0]]);
      }
    }),
    300,
  );
});

test('while it is gone through, tasks may leave it, or go to its end', () => {
  const all = records(6);
  const list = new TaskList();
  for (const record of all) list.add(record);
  const seen: number[] = [];
  for (const task of list) {
    seen.push(task);
    if (seen.length > 6) break;
    const record = all[task - 1] as TaskRecord;
    list.remove(record);
    // The first one goes to the end, and takes the next one with it.
    if (task === 1) {
      list.remove(all[1] as TaskRecord);
      list.add(record);
    }
  }
  assert.deepEqual(seen, [1, 3, 4, 5, 6, 1]);
  assert.equal(list.size, 0);
});
