import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskEvent } from '../../src/scheduler/types.ts';
import { Machine } from './machine.ts';

const TASKS = 200_000;

/** Were a decision to look at all that waits, or at all that waited before, this would take minutes. */
test('a decision costs the same however many tasks wait', { timeout: 30_000 }, () => {
  const machine = new Machine({ min: 2, max: 2, spares: 0, queueLimit: TASKS, queueTimeoutMs: 1e9 });
  machine.ready(1, 2);
  machine.arriveAll(Array.from({ length: TASKS }, (_, index) => index + 1));
  // By one decision each, in the order in which they came; then the rest is given up from its end.
  for (let task = 1; task <= TASKS / 2; task += 1) {
    const ended: TaskEvent = { type: 'TaskEnded', task };
    assert.equal(machine.tellAll([ended]).length, 1);
    machine.scheduler.nextWakeMs(machine.nowMs);
  }
  for (let task = TASKS; machine.scheduler.figures.queued > 0; task -= 1) machine.tell({ type: 'TaskCancelled', task });
  assert.equal(machine.scheduler.figures.tasks, 2);
});
