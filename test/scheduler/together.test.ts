import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taskEventsFrom } from '../../src/scheduler/task-events.ts';
import type { SchedulerEvent } from '../../src/scheduler/types.ts';
import { Machine } from './machine.ts';

test('no more are taken at once than each of them finds a place in the queue', () => {
  const machine = new Machine({ min: 2, max: 2, spares: 0, queueLimit: 3 });
  machine.ready(1, 2);
  assert.equal(machine.scheduler.mostAtOnce, 3);
  assert.deepEqual(machine.arriveAll([1, 2, 3]), ['start 1 on 2 (short)', 'start 2 on 1 (short)']);
  assert.equal(machine.scheduler.mostAtOnce, 2);
  machine.arriveAll([4, 5]);
  assert.equal(machine.scheduler.mostAtOnce, 1);
  assert.deepEqual(machine.arriveAll([6]), ['reject 6: queueFull']);
});

test('events are taken in order: of tasks together, any other alone', () => {
  const events: SchedulerEvent[] = [
    { type: 'TaskStarted', task: 1 },
    { type: 'TaskEnded', task: 1 },
    { type: 'TaskCancelled', task: 2 },
    { type: 'TaskEnded', task: 3 },
  ];
  assert.equal(taskEventsFrom(events.slice(0, 2), 0, 9).length, 2);
  assert.deepEqual(taskEventsFrom(events, 0, 9), events.slice(0, 2));
  assert.deepEqual(taskEventsFrom(events, 0, 1), events.slice(0, 1));
  assert.deepEqual(taskEventsFrom(events, 2, 9), []);
  assert.deepEqual(taskEventsFrom(events, 3, 9), events.slice(3));
});

test('what ends at once makes room for all that waits', () => {
  const machine = new Machine({ min: 2, max: 2, spares: 0 });
  machine.ready(1, 2);
  machine.arriveAll([1, 2, 3, 4]);
  assert.deepEqual(
    machine.tellAll([
      { type: 'TaskEnded', task: 1 },
      { type: 'TaskEnded', task: 2 },
    ]),
    ['start 3 on 1 (short)', 'start 4 on 2 (short)'],
  );
});

test('a task that nobody waits for any more, and that begins and ends by one word, is not cancelled after that', () => {
  const machine = new Machine({ max: 1, spares: 0, concurrency: 2 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 2 }), ['revoke 2 on 1']);
  assert.deepEqual(
    machine.tellAll([
      { type: 'TaskStarted', task: 2 },
      { type: 'TaskEnded', task: 2 },
    ]),
    [],
  );
});
