import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFILL_AFTER_MS } from '../../src/scheduler/staffing.ts';
import { DEADLINE_MS, Machine } from './machine.ts';

const MB = 2 ** 20;

test('a task starts on the worker that was free last, and waits when none is free', () => {
  const machine = new Machine({ max: 2 });
  machine.ready(1, 2);
  assert.deepEqual(machine.arrive(1), ['start 1 on 2 (short)']);
  assert.deepEqual(machine.arrive(2), ['start 2 on 1 (short)']);
  assert.deepEqual(machine.arrive(3), []);
  assert.deepEqual(machine.end(1), ['start 3 on 2 (short)']);
});

test('of those that wait, priority counts a second for each step', () => {
  const machine = new Machine({ max: 1 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  machine.nowMs += 40;
  machine.arrive(3, { priority: 1 });
  machine.arrive(4, { priority: -1 });
  assert.deepEqual(machine.end(1), ['start 3 on 1 (short)']);
  assert.deepEqual(machine.end(3), ['start 2 on 1 (short)']);
  assert.deepEqual(machine.end(2), ['start 4 on 1 (short)']);
});

test('a task that outlives the quantum is demoted, and another worker is missing in place of its own', () => {
  const machine = new Machine({ spares: 1 });
  machine.ready(1);
  assert.equal(machine.missing, 0);
  machine.arrive(1);
  assert.deepEqual(machine.pass(49), []);
  assert.equal(machine.scheduler.laneOf(1), 'short');
  assert.deepEqual(machine.pass(1), ['revoke 1 on 1', 'demote 1 on 1']);
  assert.equal(machine.scheduler.laneOf(1), 'long');
  assert.equal(machine.missing, 1);
  assert.deepEqual(machine.end(1), []);
  assert.equal(machine.scheduler.laneOf(1), undefined);
  // Its worker is one of the short lane again.
  assert.deepEqual(machine.arrive(2), ['start 2 on 1 (short)']);
});

test('long tasks never get the last workers: one that may not be started again overstays, and goes first when there is room', () => {
  const machine = new Machine({ max: 3 });
  machine.ready(1, 2, 3);
  machine.arrive(1);
  assert.deepEqual(machine.pass(50), ['revoke 1 on 3', 'demote 1 on 3']);
  machine.arrive(2);
  assert.deepEqual(machine.pass(50), ['revoke 2 on 2', '2 overstays on 2']);
  assert.deepEqual([machine.scheduler.figures.long, machine.scheduler.figures.overstaying], [1, 1]);
  assert.deepEqual(machine.arrive(3), ['start 3 on 1 (short)']);
  assert.deepEqual(machine.end(1), ['demote 2 on 2']);
  assert.deepEqual([machine.scheduler.figures.long, machine.scheduler.figures.overstaying], [1, 0]);
});

test('one that may be started again leaves its worker, and waits for the long lane', () => {
  const machine = new Machine({ max: 3 });
  machine.ready(1, 2, 3);
  machine.arrive(1);
  machine.pass(50);
  machine.arrive(2, { restartable: true });
  assert.deepEqual(machine.pass(50), ['requeue 2 from 2']);
  assert.deepEqual(machine.tell({ type: 'WorkerWithdrawn', worker: 2 }), []);
  // A late word of the worker that is being ended.
  assert.deepEqual(machine.end(2), []);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 2 }), []);
  assert.equal(machine.missing, 1);
  machine.ready(4);
  assert.deepEqual(machine.end(1), ['start 2 on 1 (long)']);
});

for (const retries of [0, 1, 3]) {
  test(`one that may be started again is, ${retries} times, when its worker ends`, () => {
    const machine = new Machine({ max: 1 });
    for (let worker = 1; worker <= retries + 1; worker += 1) {
      machine.ready(worker);
      if (worker === 1) machine.arrive(1, { restartable: true, retries });
      const orders = machine.tell({ type: 'WorkerGone', worker });
      assert.deepEqual(orders, worker <= retries ? [`retry 1 from ${worker}`] : [`lose 1 with ${worker}`]);
    }
  });
}

test('what somebody saw a part of is not started again', () => {
  const machine = new Machine({ max: 2 });
  machine.ready(1, 2);
  machine.arrive(1);
  machine.pass(50);
  machine.arrive(2, { restartable: true });
  machine.tell({ type: 'TaskCommitted', task: 2 });
  assert.deepEqual(machine.pass(50), ['2 overstays on 1']);
});

test('a task that is long for sure waits for the long lane, has the worker that was free for longest, and leaves the reserved ones free', () => {
  const machine = new Machine({ max: 4 });
  machine.ready(1, 2, 3, 4);
  machine.teachLong('slow', 4);
  assert.deepEqual(machine.arrive(1, { key: 'slow' }), ['start 1 on 1 (long)']);
  assert.deepEqual(machine.arrive(2, { key: 'slow' }), ['start 2 on 2 (long)']);
  assert.deepEqual(machine.arrive(3, { key: 'slow' }), []);
  assert.equal(machine.scheduler.figures.queuedLong, 1);
  assert.deepEqual(machine.arrive(4), ['start 4 on 4 (short)']);
  assert.deepEqual(machine.end(1), ['start 3 on 3 (long)']);
});

test('while the long lane is full and a task overstays, those that are long for sure are turned away before they start', () => {
  const machine = new Machine({ max: 2 });
  machine.ready(1, 2);
  machine.teachLong('slow', 2);
  machine.arrive(1, { key: 'a' });
  machine.arrive(2, { key: 'b' });
  assert.deepEqual(machine.pass(50), ['revoke 1 on 2', 'demote 1 on 2', 'revoke 2 on 1', '2 overstays on 1']);
  assert.deepEqual(machine.arrive(3, { key: 'slow' }), ['reject 3: longLaneFull']);
  assert.deepEqual(machine.arrive(4, { key: 'unknown' }), []);
  assert.deepEqual(machine.end(2), ['start 4 on 1 (short)']);
  assert.deepEqual(machine.arrive(5, { key: 'slow' }), []);
});

test('a long one that has waited for long goes before short ones, as long as the reserved workers stay', () => {
  const machine = new Machine({ max: 4, spares: 0, cpus: 1 });
  machine.ready(1, 2);
  machine.teachLong('slow', 2);
  machine.arrive(1);
  machine.arrive(2);
  machine.arrive(3, { key: 'slow' });
  machine.nowMs += 10;
  machine.arrive(4);
  assert.deepEqual(machine.end(1), ['start 4 on 2 (short)']);
  machine.nowMs += 15;
  machine.end(2);
  assert.equal(machine.scheduler.figures.queuedLong, 0);
});

test('cancelled while it waits: gone; while it runs: it has a grace, and then its worker ends', () => {
  const machine = new Machine({ max: 1 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 2 }), []);
  assert.equal(machine.scheduler.figures.queued, 0);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 1 }), ['revoke 1 on 1', 'cancel 1 on 1']);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 1 }), []);
  assert.deepEqual(machine.pass(499), []);
  assert.deepEqual(machine.pass(1), ['kill 1 on 1: cancelled']);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 1 }), ['lose 1 with 1']);
});

test('a cancelled task that ends within its grace leaves its worker to the next one', () => {
  const machine = new Machine({ max: 1 });
  machine.ready(1);
  machine.arrive(1);
  machine.tell({ type: 'TaskCancelled', task: 1 });
  machine.arrive(2);
  assert.deepEqual(machine.end(1), ['start 2 on 1 (short)']);
  assert.deepEqual(machine.pass(49), []);
});

for (const lane of ['short', 'long', 'overstaying'] as const) {
  test(`a task past its deadline is ended with its worker: ${lane}`, () => {
    const machine = new Machine({ max: 2, quantumMs: lane === 'short' ? 2 * DEADLINE_MS : 50 });
    machine.ready(1, 2);
    if (lane === 'overstaying') {
      machine.arrive(9);
      machine.pass(1000);
    }
    const worker = lane === 'overstaying' ? 1 : 2;
    machine.arrive(1);
    machine.pass(DEADLINE_MS - 1);
    assert.deepEqual(machine.pass(1), [`kill 1 on ${worker}: deadline`]);
    assert.deepEqual(machine.tell({ type: 'WorkerGone', worker }), [`lose 1 with ${worker}`]);
  });
}

test('tasks that wait too long, or too many, are turned away', () => {
  const machine = new Machine({ max: 1, queueLimit: 1 });
  machine.ready(1);
  machine.arrive(1);
  assert.deepEqual(machine.arrive(2), []);
  assert.deepEqual(machine.arrive(3), ['reject 3: queueFull']);
  assert.deepEqual(machine.pass(9_999), ['revoke 1 on 1', 'demote 1 on 1']);
  assert.deepEqual(machine.pass(1), ['reject 2: queueTimeout']);
});

test('a worker that is lost takes its task with it', () => {
  const machine = new Machine();
  machine.ready(1, 2);
  machine.arrive(1);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 2 }), ['lose 1 with 2']);
  assert.deepEqual(machine.end(1), []);
  assert.equal(machine.missing, 1);
});

test('workers are replaced after maxRequests, and after a long task when their priority stays low', () => {
  const machine = new Machine({ maxRequests: 1 });
  machine.ready(1);
  machine.arrive(1);
  assert.deepEqual(machine.end(1), ['retire 1: maxRequests']);
  const other = new Machine();
  other.ready(1);
  other.arrive(1);
  other.tell({ type: 'WorkerSunk', worker: 1 });
  assert.deepEqual(other.end(1), ['retire 1: demoted']);
});

test('mode fork: a worker ends with its task, and spares are kept beside those that run', () => {
  const machine = new Machine({ reuse: false, spares: 2 });
  machine.ready(1, 2);
  assert.equal(machine.missing, 0);
  machine.arrive(1);
  machine.pass(REFILL_AFTER_MS);
  assert.equal(machine.missing, 1);
  assert.deepEqual(machine.pass(50), ['demote 1 on 2']);
  assert.deepEqual(machine.end(1), ['retire 2: spent']);
});

test('idle workers beyond those wanted end, one by one as each has been idle for long enough', () => {
  const machine = new Machine({ min: 1, spares: 1 });
  machine.ready(1, 2, 3);
  machine.nowMs += 1000;
  machine.arrive(1);
  machine.end(1);
  assert.deepEqual(machine.pass(59_000), ['retire 1: idle', 'retire 2: idle']);
  assert.deepEqual(machine.pass(100_000), []);
});

test('over the memory budget idle workers end at once, and none is booted', () => {
  const machine = new Machine({ memoryBytes: 1000 * MB, spares: 3, min: 3 });
  machine.ready(1, 2, 3);
  for (const worker of [1, 2]) assert.deepEqual(machine.tell({ type: 'WorkerMeasured', worker, memoryBytes: 300 * MB }), []);
  assert.deepEqual(machine.tell({ type: 'WorkerMeasured', worker: 3, memoryBytes: 900 * MB }), ['retire 1: memory']);
  assert.equal(machine.missing, 0);
});

test('the first worker boots alone, though nobody asked for one; then half as many as CPUs do, and twice that as long as they are missing', () => {
  const machine = new Machine({ min: 0, spares: 0, max: 20, cpus: 4 });
  assert.equal(machine.missing, 1);
  for (let task = 0; task < 20; task += 1) machine.arrive(task);
  assert.equal(machine.missing, 1);
  let worker = 0;
  for (const atOnce of [1, 2, 4, 4]) {
    machine.pass(60);
    assert.equal(machine.missing, atOnce);
    worker += 1;
    machine.ready(worker);
  }
});

test('a queue that a worker is about to take from is not pressed; one that waits for a quantum is', () => {
  const machine = new Machine({ spares: 0 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  assert.equal(machine.missing, 0);
  machine.nowMs += 40;
  machine.end(1);
  machine.arrive(3);
  machine.pass(49);
  assert.equal(machine.missing, 0);
  machine.pass(1);
  assert.equal(machine.missing, 1);
});

test('while the CPUs are busy with short tasks there are no more workers than CPUs beside the long ones', () => {
  const machine = new Machine({ max: 20, spares: 2 });
  machine.ready(1, 2);
  for (let task = 1; task <= 10; task += 1) machine.arrive(task);
  machine.nowMs += 40;
  machine.end(1);
  machine.end(2);
  machine.pass(49);
  assert.ok(machine.missing > 0);
  machine.tell({ type: 'LoadMeasured', cpus: 1.9, isGlance: true });
  assert.equal(machine.missing, 0);
  machine.pass(1);
  assert.equal(machine.scheduler.figures.long, 2);
  assert.ok(machine.missing > 0);
  machine.tell({ type: 'LoadMeasured', cpus: 1 });
  assert.ok(machine.missing > 0);
});

test('with boots paused and no worker left, tasks are told at once, and workers are missing all the same', () => {
  const machine = new Machine();
  machine.ready(1);
  machine.tell({ type: 'BootsPaused' });
  machine.arrive(1);
  assert.deepEqual(machine.arrive(2), []);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 1 }), ['lose 1 with 1', 'reject 2: noWorker']);
  assert.deepEqual(machine.arrive(3), ['reject 3: noWorker']);
  assert.ok(machine.missing > 0);
  machine.tell({ type: 'BootsResumed' });
  assert.deepEqual(machine.arrive(4), []);
});

test('at the end what waits is turned away, what runs goes on, and nobody is booted', () => {
  const machine = new Machine({ max: 1 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  assert.deepEqual(machine.tell({ type: 'Closing' }), ['reject 2: closing']);
  assert.deepEqual(machine.arrive(3), ['reject 3: closing']);
  assert.equal(machine.missing, 0);
  assert.deepEqual(machine.end(1), []);
});

test('a worker that boots gets no task, and one that was withdrawn none either', () => {
  const machine = new Machine();
  machine.tell({ type: 'WorkerStarting', worker: 1, generation: 1 });
  assert.deepEqual(machine.arrive(1), []);
  machine.tell({ type: 'WorkerGone', worker: 1 });
  machine.ready(2);
  machine.tell({ type: 'WorkerWithdrawn', worker: 2 });
  machine.tell({ type: 'TaskCancelled', task: 1 });
  assert.deepEqual(machine.arrive(2), []);
});

test('an idle scheduler wants to be woken by nobody', () => {
  const machine = new Machine({ spares: 1 });
  machine.ready(1);
  assert.equal(machine.scheduler.nextWakeMs(machine.nowMs), undefined);
});
