import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINE_MS, Machine } from './machine.ts';

function sharing(workers: number, concurrency = 3): Machine {
  const machine = new Machine({ max: workers, spares: 0, cpus: 1, concurrency });
  machine.ready(...Array.from({ length: workers }, (_, index) => index + 1));
  return machine;
}

test('free workers first, then those with room; what finds no room waits', () => {
  const machine = sharing(2, 2);
  assert.deepEqual(machine.arrive(1), ['start 1 on 2 (short)']);
  assert.deepEqual(machine.arrive(2), ['start 2 on 1 (short)']);
  assert.deepEqual(machine.arrive(3), ['start 3 on 2 (ahead)']);
  assert.deepEqual(machine.arrive(4), ['start 4 on 1 (ahead)']);
  assert.deepEqual(machine.arrive(5), []);
  for (const task of [3, 4]) machine.tell({ type: 'TaskStarted', task });
  assert.deepEqual(machine.end(1), ['start 5 on 2 (ahead)']);
});

test('a task that outlives its quantum has its worker asked; one whose event loop turns goes on as it was', () => {
  const machine = sharing(2);
  machine.arrive(1);
  assert.deepEqual(machine.pass(50), ['revoke 1 on 2', 'probe 2']);
  assert.deepEqual(machine.tell({ type: 'WorkerAnswered', worker: 2 }), []);
  assert.deepEqual(machine.pass(1000), []);
  machine.arrive(2);
  assert.deepEqual(machine.arrive(3), ['start 3 on 2 (ahead)']);
});

test('one that does not answer in time is long: its tasks are demoted, what it has not begun is taken back, and it gets no more', () => {
  const machine = sharing(3);
  machine.arrive(1);
  machine.arrive(2);
  machine.arrive(3);
  assert.deepEqual(machine.arrive(4), ['start 4 on 3 (ahead)']);
  machine.tell({ type: 'WorkerAnswered', worker: 3 });
  assert.deepEqual(machine.pass(10), ['revoke 4 on 3']);
  assert.deepEqual(machine.tell({ type: 'TaskRevoked', task: 4 }), ['start 4 on 2 (ahead)']);
  machine.tell({ type: 'TaskStarted', task: 4 });
  machine.tell({ type: 'WorkerAnswered', worker: 2 });
  assert.deepEqual(machine.pass(40), ['revoke 1 on 3', 'demote 1 on 3', 'revoke 2 on 2', 'probe 2', 'revoke 3 on 1', 'probe 1']);
  machine.tell({ type: 'WorkerAnswered', worker: 2 });
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.deepEqual(machine.arrive(5), ['start 5 on 1 (ahead)']);
  machine.tell({ type: 'TaskStarted', task: 5 });
  // It answers: its tasks only waited, or let others run. It has room for two more.
  machine.tell({ type: 'WorkerAnswered', worker: 3 });
  const places = [6, 7, 8, 9, 10].flatMap((task) => machine.arrive(task));
  assert.equal(places.filter((command) => command.includes('on 3')).length, 2);
});

test('where the long lane has no room the tasks of a blocked worker overstay, until it answers', () => {
  const machine = sharing(1);
  const other = new Machine({ max: 2, spares: 0, cpus: 1, concurrency: 3 });
  other.ready(1, 2);
  other.arrive(1);
  other.arrive(2);
  other.pass(50);
  assert.deepEqual(other.pass(10), ['demote 1 on 2', '2 overstays on 1']);
  other.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.equal(other.scheduler.figures.overstaying, 0);
  // The last worker is never one of the long lane alone: with one in all there is nothing to keep.
  machine.arrive(1);
  machine.pass(50);
  assert.deepEqual(machine.pass(10), ['demote 1 on 1']);
});

test('where the long lane has no room a task is never stopped to wait for it, whatever may be done to it: its neighbours would end with it', () => {
  const facts = { restartable: true };
  for (const [tasks, expected] of [
    [
      [1, 2],
      ['demote 1 on 2', '2 overstays on 1'],
    ],
    [
      [1, 2, 3, 4],
      ['demote 1 on 2', 'demote 3 on 2', '2 overstays on 1', '4 overstays on 1'],
    ],
  ] as const) {
    const machine = new Machine({ max: 2, spares: 0, cpus: 1, concurrency: 3 });
    machine.ready(1, 2);
    for (const task of tasks) machine.arrive(task, facts);
    for (const task of tasks) machine.tell({ type: 'TaskStarted', task });
    machine.pass(50);
    assert.deepEqual(machine.pass(10), expected);
  }
  // Where each has a worker to itself it is.
  const apart = new Machine({ max: 2, spares: 0, cpus: 1 });
  apart.ready(1, 2);
  for (const task of [1, 2]) apart.arrive(task, facts);
  assert.deepEqual(
    apart.pass(50).filter((words) => !words.startsWith('revoke')),
    ['demote 1 on 2', 'requeue 2 from 1'],
  );
});

test('one that only waited is long after all when its worker does not get to what it was sent', () => {
  const machine = sharing(3);
  machine.arrive(1);
  machine.arrive(2);
  machine.arrive(3);
  machine.pass(50);
  for (const worker of [1, 2, 3]) machine.tell({ type: 'WorkerAnswered', worker });
  const [command] = machine.arrive(4);
  assert.ok(command !== undefined);
  const worker = Number(/start 4 on (\d)/.exec(command)?.[1]);
  assert.deepEqual(machine.pass(10), [`revoke 4 on ${worker}`]);
  const commands = machine.tell({ type: 'TaskRevoked', task: 4 });
  assert.deepEqual(commands[0], `demote ${4 - worker} on ${worker}`);
});

test('a worker that was asked on its way out and is gone is forgotten, with its question', () => {
  const machine = sharing(2);
  machine.arrive(1, { restartable: true });
  machine.arrive(2);
  machine.tell({ type: 'WorkerWithdrawn', worker: 2 });
  assert.deepEqual(machine.pass(50), ['revoke 1 on 2', 'probe 2', 'revoke 2 on 1', 'probe 1']);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 2 }), ['retry 1 from 2', 'start 1 on 1 (ahead)']);
  machine.pass(5);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.deepEqual(machine.pass(5), []);
});

test('a task past its deadline is asked to stop before its neighbours die with it', () => {
  const machine = sharing(1, 2);
  machine.arrive(1);
  machine.pass(100);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  machine.pass(900);
  machine.arrive(2);
  machine.tell({ type: 'TaskStarted', task: 2 });
  assert.deepEqual(machine.pass(50), ['probe 1']);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.deepEqual(machine.pass(DEADLINE_MS - 1051), []);
  assert.deepEqual(machine.pass(1), ['expire 1 on 1']);
  assert.deepEqual(machine.pass(499), []);
  assert.deepEqual(machine.pass(1), ['kill 1 on 1: deadline']);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 1 }), ['lose 1 with 1', 'lose 2 with 1']);
});

test('alone on its worker it is ended at its deadline', () => {
  const machine = sharing(1, 2);
  machine.arrive(1);
  machine.pass(100);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.deepEqual(machine.pass(DEADLINE_MS - 100), ['kill 1 on 1: deadline']);
});

test('one that nobody waits for and that does not stop has until its deadline where others run beside it', () => {
  const machine = sharing(1, 2);
  machine.arrive(1);
  machine.pass(100);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  machine.arrive(2);
  machine.tell({ type: 'TaskStarted', task: 2 });
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 1 }), ['cancel 1 on 1']);
  assert.deepEqual(machine.pass(50), ['probe 1']);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.deepEqual(machine.pass(DEADLINE_MS - 151), []);
  assert.deepEqual(machine.pass(1), ['kill 1 on 1: deadline']);
});

test('a worker that is to be replaced is, when the last of its tasks is over', () => {
  const machine = new Machine({ max: 2, spares: 0, cpus: 1, concurrency: 2, maxRequests: 2 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  machine.tell({ type: 'TaskStarted', task: 2 });
  machine.end(1);
  assert.deepEqual(machine.arrive(3), []);
  assert.deepEqual(machine.end(2), ['retire 1: maxRequests']);
});

test('run times teach nothing where tasks wait', () => {
  const machine = sharing(2);
  for (let task = 1; task <= 40; task += 1) {
    machine.arrive(task, { key: 'waits' });
    machine.pass(60);
    machine.tell({ type: 'WorkerAnswered', worker: 2 });
    machine.end(task);
  }
  assert.deepEqual(machine.arrive(100, { key: 'waits' }), ['start 100 on 2 (short)']);
});
