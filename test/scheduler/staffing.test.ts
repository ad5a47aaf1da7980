import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFILL_AFTER_MS } from '../../src/scheduler/staffing.ts';
import { DEADLINE_MS, Machine } from './machine.ts';

test('mode fork: a spare whose event loop did not turn for a while is as good as new', () => {
  const machine = new Machine({ reuse: false, spares: 1 });
  machine.ready(1);
  machine.tell({ type: 'WorkerBlocked', worker: 1 });
  assert.deepEqual(machine.tell({ type: 'WorkerAnswered', worker: 1 }), []);
  assert.deepEqual(machine.arrive(1), ['start 1 on 1 (short)']);
});

test('mode fork: the boot of a spare does not take from the task that the last one was given, unless others wait', () => {
  const machine = new Machine({ reuse: false, spares: 2 });
  machine.ready(1, 2);
  machine.arrive(1);
  assert.equal(machine.missing, 0);
  const dueMs = machine.nowMs + REFILL_AFTER_MS;
  assert.equal(machine.scheduler.nextWakeMs(machine.nowMs), dueMs);
  assert.equal(machine.scheduler.nextWakeMs(dueMs + 50), dueMs, 'nobody would look again when the question comes late');
  machine.pass(REFILL_AFTER_MS - 1);
  // One more that is given away puts it off no further.
  machine.arrive(2);
  assert.equal(machine.missing, 0);
  machine.pass(1);
  assert.equal(machine.missing, 1);
  machine.ready(3);
  machine.arrive(3);
  assert.equal(machine.missing, 0);
  machine.arrive(4);
  assert.equal(machine.missing, 2);
});

test('the one that has waited for longest tells whether the queue is pressed, not the one that is next', () => {
  const machine = new Machine({ spares: 0 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  machine.pass(20);
  machine.arrive(3, { priority: 1 });
  assert.deepEqual(machine.end(1), ['start 3 on 1 (short)']);
  machine.arrive(4, { priority: 1 });
  assert.equal(machine.scheduler.nextWakeMs(machine.nowMs), 50);
  machine.pass(30);
  assert.equal(machine.missing, 1);
});

test('workers that are full of tasks which wait keep no CPU busy: however busy the CPUs are, more may boot', () => {
  const machine = new Machine({ max: 3, spares: 0, concurrency: 2 });
  machine.ready(1, 2);
  machine.tell({ type: 'LoadMeasured', cpus: 2 });
  for (const task of [1, 2, 3, 4, 5]) machine.arrive(task);
  machine.pass(49);
  assert.equal(machine.missing, 0);
  machine.pass(1);
  for (const worker of [1, 2]) machine.tell({ type: 'WorkerAnswered', worker });
  assert.equal(machine.scheduler.figures.queued, 1);
  assert.equal(machine.missing, 1);
});

test('a CPU that rests for a moment is no room for more workers: two looks in a row have to find it', () => {
  const machine = new Machine({ spares: 0 });
  machine.ready(1, 2);
  machine.tell({ type: 'LoadMeasured', cpus: 2 });
  for (const task of [1, 2, 3, 4, 5]) machine.arrive(task);
  machine.pass(30);
  for (const task of [1, 2]) machine.end(task);
  machine.pass(25);
  assert.equal(machine.scheduler.figures.queued, 1, 'it waits for more than a quantum');
  for (const cpus of [1, 2, 1]) {
    machine.tell({ type: 'LoadMeasured', cpus });
    assert.equal(machine.missing, 0);
  }
  machine.tell({ type: 'LoadMeasured', cpus: 1 });
  assert.equal(machine.missing, 1);
});

test('with no worker reserved all may run long tasks, which wait for their turn like others', () => {
  const machine = new Machine({ max: 2, spares: 0, reserved: 0 });
  machine.ready(1, 2);
  assert.deepEqual(machine.arrive(1), ['start 1 on 2 (short)']);
  assert.deepEqual(machine.arrive(2), ['start 2 on 1 (short)']);
  assert.deepEqual(machine.pass(60), ['revoke 1 on 2', 'demote 1 on 2', 'revoke 2 on 1', 'demote 2 on 1']);
  assert.deepEqual(machine.arrive(3), []);
  assert.equal(machine.scheduler.figures.overstaying, 0);
  assert.deepEqual(machine.end(1), ['start 3 on 2 (short)']);
});

test('a task with a deadline of its own is ended at it, before others that began earlier, and within the quantum', () => {
  const machine = new Machine({ spares: 0 });
  machine.ready(1, 2, 3);
  machine.arrive(1);
  machine.arrive(2, { deadlineMs: 20 });
  machine.arrive(3, { deadlineMs: 40_000 });
  assert.deepEqual(machine.pass(19), []);
  assert.deepEqual(machine.pass(1), ['kill 2 on 2: deadline']);
  machine.tell({ type: 'WorkerGone', worker: 2 });
  machine.pass(29_979);
  assert.equal(machine.scheduler.figures.running, 2);
  assert.deepEqual(machine.pass(1), ['kill 1 on 3: deadline']);
  assert.deepEqual(machine.pass(9999), []);
  assert.deepEqual(machine.pass(1), ['kill 3 on 1: deadline']);
});

test('while short tasks keep all CPUs busy a long one that waits gets a worker of its own, one after the other', () => {
  const machine = new Machine({ max: 8, spares: 1 });
  machine.ready(1, 2, 3, 4);
  machine.teachLong('long', 4);
  for (const worker of [1, 2, 3, 4]) machine.tell({ type: 'WorkerGone', worker });
  machine.ready(11, 12);
  for (const cpus of [2, 2]) machine.tell({ type: 'LoadMeasured', cpus });
  let task = 0;
  let booted = 12;
  const running: number[] = [];
  const started: string[] = [];
  const hear = (commands: readonly string[]): void => {
    for (const command of commands) {
      const [, id] = /^start (\d+) on \d+ \(short\)/.exec(command) ?? [];
      if (id === undefined) started.push(command);
      else running.push(Number(id));
    }
  };
  // There is always a short one more than workers that could take it, for ten seconds.
  for (let turn = 0; turn < 1000; turn += 1) {
    while (machine.scheduler.figures.queued < 20) hear(machine.arrive((task += 1)));
    if (turn === 100) for (const long of [20_001, 20_002]) hear(machine.arrive(long, { key: 'long' }));
    hear(machine.pass(10));
    for (const over of running.splice(0)) hear(machine.end(over));
    hear(machine.tell({ type: 'LoadMeasured', cpus: 2 }));
    const { missing } = machine;
    assert.ok(missing <= 1, `${missing} boot at once on a machine without a CPU to spare`);
    if (missing === 0) continue;
    hear(machine.tell({ type: 'WorkerStarting', worker: (booted += 1), generation: 1 }));
    hear(machine.tell({ type: 'WorkerReady', worker: booted, deadlineMs: DEADLINE_MS }));
  }
  assert.deepEqual(
    started.map((command) => command.replace(/on \d+/, 'on one')),
    ['start 20001 on one (long)', 'start 20002 on one (long)'],
  );
  assert.equal(booted, 14);
});
