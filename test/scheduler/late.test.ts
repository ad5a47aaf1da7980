import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from './machine.ts';

test('a task that waited for a CPU has its quantum all the same', () => {
  const machine = new Machine();
  machine.ready(1, 2, 3);
  machine.arrive(1);
  machine.waitedMs.set(1, 30);
  assert.deepEqual(machine.pass(79), []);
  assert.equal(machine.scheduler.figures.running, 1);
  assert.equal(machine.scheduler.laneOf(1), 'short');
  assert.deepEqual(machine.pass(1), ['revoke 1 on 3', 'demote 1 on 3']);
});

test('it is asked for again when it could be over, and not more often', () => {
  const machine = new Machine();
  machine.ready(1, 2, 3);
  machine.arrive(1);
  const asked: number[] = [];
  machine.waitedMs.get = (task) => {
    asked.push(machine.nowMs);
    return task === 1 ? 20 + machine.nowMs / 2 : 0;
  };
  assert.deepEqual(machine.pass(1000), ['revoke 1 on 3', 'demote 1 on 3']);
  // It computes half of the time: 50, 95, 117.5, 128.75, …; the last step is a tenth of the quantum at least.
  assert.deepEqual(asked, [50, 95, 117.5, 128.75, 134.375]);
});

test('a task that gets no CPU at all is long after ten quanta: it keeps a worker from short ones', () => {
  const machine = new Machine();
  machine.ready(1, 2, 3);
  machine.arrive(1);
  machine.waitedMs.set(1, Number.POSITIVE_INFINITY);
  assert.deepEqual(machine.pass(499), []);
  assert.deepEqual(machine.pass(1), ['revoke 1 on 3', 'demote 1 on 3']);
});

test('what was sent ahead is asked back when the quantum of the one before it is over on the clock', () => {
  const machine = new Machine({ max: 1, reserved: 0, aheadMs: 5 });
  machine.ready(1);
  machine.arrive(1);
  machine.end(1);
  for (let task = 2; task < 40; task += 1) {
    machine.arrive(task);
    machine.end(task);
  }
  machine.waitedMs.set(50, 100);
  assert.deepEqual(machine.arrive(50), ['start 50 on 1 (short)']);
  assert.deepEqual(machine.arrive(51), ['start 51 on 1 (ahead)']);
  assert.deepEqual(machine.pass(100), ['revoke 51 on 1']);
});

test('a task that is late can end, be cancelled, be too late and lose its worker', () => {
  for (const [then, expected] of [
    [(machine: Machine) => machine.end(1), []],
    [(machine: Machine) => machine.tell({ type: 'TaskCancelled', task: 1 }), ['revoke 1 on 3', 'cancel 1 on 3']],
    [(machine: Machine) => machine.tell({ type: 'WorkerGone', worker: 3 }), ['lose 1 with 3']],
    [(machine: Machine) => machine.pass(45), ['kill 1 on 3: deadline']],
  ] as const) {
    const machine = new Machine();
    machine.ready(1, 2, 3);
    machine.arrive(1, { deadlineMs: 100 });
    machine.waitedMs.set(1, 1000);
    assert.deepEqual(machine.pass(60), []);
    assert.deepEqual(then(machine), expected);
    // An answer that comes late means nothing.
    assert.deepEqual(machine.tell({ type: 'TaskMeasured', task: 1, waitedMs: 0 }), []);
    machine.tell({ type: 'WorkerGone', worker: 3 });
    assert.equal(machine.scheduler.figures.tasks, 0);
  }
});

test('the wait is no part of what a key is known to cost', () => {
  const machine = new Machine({ spares: 1, max: 8 });
  machine.ready(1, 2, 3, 4);
  for (let task = 1; task < 60; task += 1) {
    machine.waitedMs.set(task, 200);
    assert.match(machine.arrive(task).join(), /\(short\)$/);
    assert.deepEqual(machine.pass(210), []);
    machine.end(task);
  }
});

test('a second start begins with nothing waited', () => {
  const machine = new Machine();
  machine.ready(1, 2, 3);
  machine.arrive(1, { restartable: true });
  machine.waitedMs.set(1, 100);
  assert.deepEqual(machine.pass(120), []);
  machine.waitedMs.set(1, 0);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 3 }), ['retry 1 from 3', 'start 1 on 2 (short)']);
  assert.deepEqual(machine.pass(50), ['revoke 1 on 2', 'demote 1 on 2']);
});

test('a task on a worker that is in the long lane already takes no room there', () => {
  const machine = new Machine({ max: 2, spares: 0, reserved: 1, aheadMs: 100 });
  machine.ready(1);
  for (let task = 1; task <= 32; task += 1) {
    machine.arrive(task);
    machine.end(task);
  }
  assert.deepEqual(machine.arrive(40), ['start 40 on 1 (short)']);
  assert.deepEqual(machine.arrive(41), ['start 41 on 1 (ahead)']);
  // It has begun, and the end of the one before it is still to be heard of.
  machine.tell({ type: 'TaskStarted', task: 41 });
  assert.deepEqual(machine.pass(50), ['revoke 40 on 1', 'demote 40 on 1', 'demote 41 on 1']);
});
