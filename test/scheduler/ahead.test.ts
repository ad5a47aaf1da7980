import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../../src/scheduler/types.ts';
import { DEADLINE_MS, Machine } from './machine.ts';

/** One worker, or as many, and a key whose tasks are known to take a millisecond. */
function brief(workers = 1, policy: Partial<Policy> = {}): Machine {
  const machine = new Machine({ max: workers, spares: 0, aheadMs: 4, ...policy });
  machine.ready(...Array.from({ length: workers }, (_, index) => index + 1));
  for (let task = 10_000; task < 10_032; task += 1) {
    machine.arrive(task, { key: 'brief' });
    machine.pass(1);
    machine.end(task);
  }
  return machine;
}

const KEY = { key: 'brief' };

test('brief tasks are sent to a busy worker, as many as it has done in 4 ms; the next one waits', () => {
  const machine = brief();
  assert.deepEqual(machine.arrive(1, KEY), ['start 1 on 1 (short)']);
  for (const task of [2, 3, 4]) assert.deepEqual(machine.arrive(task, KEY), [`start ${task} on 1 (ahead)`]);
  assert.deepEqual(machine.arrive(5, KEY), []);
  assert.deepEqual(machine.end(1), ['start 5 on 1 (ahead)']);
  const { queued, ahead, running } = machine.scheduler.figures;
  assert.deepEqual({ queued, ahead, running }, { queued: 0, ahead: 4, running: 0 });
  assert.deepEqual(machine.tell({ type: 'TaskStarted', task: 2 }), []);
  assert.deepEqual([machine.scheduler.figures.ahead, machine.scheduler.figures.running], [3, 1]);
});

test('busy workers take turns', () => {
  const machine = brief(2);
  machine.arrive(1, KEY);
  machine.arrive(2, KEY);
  const sent = [3, 4, 5, 6].flatMap((task) => machine.arrive(task, KEY));
  assert.equal(new Set(sent.map((command) => command.replace(/start \d+/, ''))).size, 2);
  assert.notEqual(sent[0]?.replace(/\d+/, ''), sent[1]?.replace(/\d+/, ''));
});

/** Where a burst of tasks goes, each with 10 µs to run, after so many that took no longer: how many to each of four workers. */
function shares(learned: number, burst: number): number[] {
  const machine = new Machine({ max: 4, spares: 0, aheadMs: 4, cpus: 4 });
  machine.ready(1, 2, 3, 4);
  for (let task = 10_000; task < 10_000 + learned; task += 1) {
    machine.arrive(task, KEY);
    machine.end(task, 0.01);
  }
  const counts = [0, 0, 0, 0];
  for (let task = 1; task <= burst; task += 1) {
    const worker = Number(/ on (\d)/.exec(machine.arrive(task, KEY).join())?.[1]);
    counts[worker - 1] = (counts[worker - 1] ?? 0) + 1;
  }
  return counts.toSorted((a, b) => b - a);
}

test('of many tasks of a key that was brief a thousand times in a row, those beyond the first 16 go to one worker while it has little to do', () => {
  assert.deepEqual(shares(1000, 16), [4, 4, 4, 4]);
  // 0.25 ms of them: 25.
  assert.deepEqual(shares(1000, 37), [25, 4, 4, 4]);
  assert.deepEqual(shares(1000, 44), [25, 11, 4, 4]);
});

test('a key that is brief for less long has its tasks at all workers', () => {
  assert.deepEqual(shares(999, 40), [10, 10, 10, 10]);
});

test('one that is not known to be brief goes to no busy worker, nor does another one behind it', () => {
  const machine = brief();
  machine.arrive(1, KEY);
  assert.deepEqual(machine.arrive(2, { key: 'unknown' }), []);
  // Strictly in order: else workers that are never quite free would starve the second one.
  assert.deepEqual(machine.arrive(3, KEY), []);
  assert.deepEqual(machine.end(1), ['start 2 on 1 (short)']);
  assert.deepEqual(machine.end(2), ['start 3 on 1 (short)']);
});

test('one that waits behind it counts for the limit of the queue, though a worker has room for it', () => {
  const machine = brief(1, { queueLimit: 1 });
  machine.arrive(1, KEY);
  assert.deepEqual(machine.arrive(2), []);
  assert.deepEqual(machine.arrive(3, KEY), ['reject 3: queueFull']);
});

test('when the worker gives no sign for 10 ms what it has not begun is taken back, once, and goes to whoever is free', () => {
  const machine = brief();
  machine.arrive(1, KEY);
  machine.arrive(2, KEY);
  machine.arrive(3, KEY);
  assert.deepEqual(machine.pass(9), []);
  assert.deepEqual(machine.pass(1), ['revoke 2 on 1', 'revoke 3 on 1']);
  assert.deepEqual(machine.pass(20), []);
  assert.deepEqual(machine.tell({ type: 'TaskRevoked', task: 2 }), []);
  assert.deepEqual(machine.tell({ type: 'TaskRevoked', task: 3 }), []);
  assert.equal(machine.scheduler.figures.queued, 2);
  assert.deepEqual(machine.arrive(4, KEY), []);
  // Its worker is blocked: what is brief is not sent there either. A word of it, and it serves again.
  assert.deepEqual(machine.end(1), ['start 2 on 1 (short)', 'start 3 on 1 (ahead)', 'start 4 on 1 (ahead)']);
});

test('that takes 40 ms while all CPUs are busy: the worker may wait for one', () => {
  const machine = brief(1, { cpus: 2 });
  machine.tell({ type: 'LoadMeasured', cpus: 2 });
  machine.arrive(1, KEY);
  machine.arrive(2, KEY);
  assert.deepEqual(machine.pass(39), []);
  assert.deepEqual(machine.pass(1), ['revoke 2 on 1']);
});

test('a worker that gets on keeps what it has', () => {
  const machine = brief();
  machine.arrive(1, KEY);
  machine.arrive(2, KEY);
  machine.arrive(3, KEY);
  machine.pass(8);
  machine.end(1);
  machine.tell({ type: 'TaskStarted', task: 2 });
  assert.deepEqual(machine.pass(9), []);
  machine.end(2);
  machine.tell({ type: 'TaskStarted', task: 3 });
  assert.deepEqual(machine.pass(20), []);
});

test('one that had begun stays, and its quantum and its deadline count from there', () => {
  const machine = brief();
  machine.arrive(1, KEY);
  machine.arrive(2, KEY);
  machine.pass(10);
  machine.end(1);
  assert.deepEqual(machine.tell({ type: 'TaskStarted', task: 2 }), []);
  assert.deepEqual(machine.pass(49), []);
  assert.deepEqual(machine.pass(1), ['demote 2 on 1']);
});

test('nobody waits for one that was sent ahead: it is asked back, and is gone; or stops when it begins all the same', () => {
  const machine = brief();
  machine.arrive(1, KEY);
  machine.arrive(2, KEY);
  machine.arrive(3, KEY);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 2 }), ['revoke 2 on 1']);
  assert.deepEqual(machine.tell({ type: 'TaskRevoked', task: 2 }), []);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 3 }), ['revoke 3 on 1']);
  machine.end(1);
  assert.deepEqual(machine.tell({ type: 'TaskStarted', task: 3 }), ['cancel 3 on 1']);
  assert.deepEqual(machine.pass(499), []);
  assert.deepEqual(machine.pass(1), ['kill 3 on 1: cancelled']);
});

test('what a lost worker had not begun waits again', () => {
  const machine = brief(2);
  machine.arrive(1, KEY);
  machine.arrive(2, KEY);
  assert.deepEqual(machine.arrive(3, KEY), ['start 3 on 2 (ahead)']);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 2 }), ['lose 1 with 2', 'return 3 from 2', 'start 3 on 1 (ahead)']);
});

test('a task that a free worker does not get to is taken back at the end of its quantum, and the worker counts as a long one', () => {
  const machine = new Machine({ max: 4, spares: 2 });
  machine.ready(1, 2);
  machine.arrive(1);
  assert.deepEqual(machine.pass(50), ['revoke 1 on 2', 'demote 1 on 2']);
  assert.deepEqual(machine.tell({ type: 'TaskRevoked', task: 1 }), ['start 1 on 1 (short)']);
  // What an earlier task left behind keeps worker 2: another one is missing in its place.
  assert.equal(machine.missing, 1);
  assert.deepEqual(machine.arrive(2), []);
  assert.deepEqual(machine.tell({ type: 'WorkerAnswered', worker: 2 }), ['start 2 on 2 (short)']);
});

test('with a body, or with a part of its answer out, it is not asked back', () => {
  const machine = new Machine({ max: 4 });
  machine.ready(1, 2);
  machine.arrive(1, { hasBody: true });
  machine.arrive(2);
  machine.tell({ type: 'TaskCommitted', task: 2 });
  assert.deepEqual(machine.pass(50), ['demote 1 on 2', 'demote 2 on 1']);
});

test('what may be started again is, once, when its worker is lost', () => {
  const machine = new Machine({ max: 3 });
  machine.ready(1, 2, 3);
  machine.arrive(1, { restartable: true });
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 3 }), ['retry 1 from 3', 'start 1 on 2 (short)']);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 2 }), ['lose 1 with 2']);
  machine.arrive(2, { restartable: true });
  machine.tell({ type: 'TaskCommitted', task: 2 });
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 1 }), ['lose 2 with 1']);
});

test('an idle worker whose event loop does not turn is not free', () => {
  const machine = new Machine({ max: 2 });
  machine.ready(1, 2);
  machine.tell({ type: 'WorkerBlocked', worker: 2 });
  assert.deepEqual(machine.arrive(1), ['start 1 on 1 (short)']);
  assert.deepEqual(machine.arrive(2), []);
  assert.deepEqual(machine.tell({ type: 'WorkerAnswered', worker: 2 }), ['start 2 on 2 (short)']);
});

test('a worker that is stuck with what a task left behind is replaced when that takes longer than a task may', () => {
  const machine = new Machine({ max: 4, spares: 1 });
  machine.ready(1, 2);
  machine.arrive(1);
  machine.pass(50);
  machine.tell({ type: 'TaskRevoked', task: 1 });
  machine.end(1);
  assert.deepEqual(machine.pass(DEADLINE_MS - 1), []);
  assert.deepEqual(machine.pass(1), ['retire 2: stuck']);
});

test('the last word of a task that was sent ahead says that it began, and what it says of its run time counts', () => {
  const machine = brief();
  for (const task of [1, 2, 3]) machine.arrive(task, KEY);
  machine.end(1);
  assert.equal(machine.scheduler.figures.ahead, 2);
  // It ran for long, although no time has passed since it was sent: the next one of its key is not sent ahead any more.
  machine.tell({ type: 'TaskEnded', task: 2, runMs: 40 });
  assert.deepEqual([machine.scheduler.figures.ahead, machine.scheduler.figures.running], [1, 0]);
  assert.deepEqual(machine.arrive(4, KEY), []);
  assert.deepEqual(machine.end(3), ['start 4 on 1 (short)']);
});

test('a task that waited for a CPU is brief all the same, when its worker says so', () => {
  const machine = brief();
  for (let task = 1; task <= 40; task += 1) {
    machine.arrive(task, KEY);
    machine.pass(30);
    machine.tell({ type: 'TaskEnded', task, runMs: 1 });
  }
  machine.arrive(41, KEY);
  assert.deepEqual(machine.arrive(42, KEY), ['start 42 on 1 (ahead)']);
});

test('of large ones few are sent ahead', () => {
  const machine = brief(1, { aheadMs: 100 });
  const sent = Array.from({ length: 8 }, (_, index) => machine.arrive(index + 1, { ...KEY, hasBody: true, isLarge: true }));
  assert.equal(sent.flat().length, 4);
  assert.deepEqual(machine.end(1), ['start 5 on 1 (ahead)']);
});
