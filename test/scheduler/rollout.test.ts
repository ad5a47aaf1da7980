import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from './machine.ts';

/** New code, and the worker that tried it, is ready. */
function newCode(machine: Machine, worker: number): string[] {
  machine.generation += 1;
  const { generation } = machine;
  const commands = machine.tell({ type: 'WorkerStarting', worker, generation });
  commands.push(...machine.tell({ type: 'CodeChanged', generation }));
  commands.push(...machine.tell({ type: 'WorkerReady', worker, deadlineMs: 30_000 }));
  return commands;
}

function gone(machine: Machine, worker: number): string[] {
  return [...machine.tell({ type: 'WorkerWithdrawn', worker }), ...machine.tell({ type: 'WorkerGone', worker })];
}

test('with new code each worker that is ready lets an old one go, and the last one says that the code serves', () => {
  const machine = new Machine({ max: 3, min: 3 });
  machine.ready(1, 2, 3);
  assert.deepEqual(newCode(machine, 4), ['retire 1: reload']);
  assert.equal(machine.missing, 1, 'four live, and one beyond may boot');
  gone(machine, 1);
  assert.equal(machine.missing, 2);
  machine.tell({ type: 'WorkerStarting', worker: 5, generation: 2 });
  assert.equal(machine.missing, 1);
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 5, deadlineMs: 30_000 }), ['retire 2: reload']);
  gone(machine, 2);
  machine.tell({ type: 'WorkerStarting', worker: 6, generation: 2 });
  assert.equal(machine.missing, 0, 'one is left to be replaced');
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 6, deadlineMs: 30_000 }), [
    'retire 3: reload',
    'code 2 serves, 3 replaced',
  ]);
  gone(machine, 3);
  assert.equal(machine.missing, 0);
});

test('a worker on trial is not counted on: it takes no task, and others boot as if it were not there', () => {
  const machine = new Machine({ max: 2, min: 2 });
  machine.tell({ type: 'WorkerStarting', worker: 1, generation: 2 });
  assert.equal(machine.missing, 1);
  assert.deepEqual(machine.arrive(1), []);
  machine.ready(2);
  assert.deepEqual(gone(machine, 1), []);
  machine.ready(3);
  assert.equal(machine.missing, 0);
});

test('old workers serve on until somebody takes their place', () => {
  const machine = new Machine({ max: 3, min: 3 });
  machine.ready(1, 2, 3);
  newCode(machine, 4);
  // The newest is free last, and gets the first one.
  assert.deepEqual(machine.arrive(1), ['start 1 on 4 (short)']);
  assert.deepEqual(machine.arrive(2), ['start 2 on 3 (short)']);
  assert.deepEqual(machine.arrive(3), ['start 3 on 2 (short)']);
  assert.deepEqual(machine.end(3), []);
  machine.tell({ type: 'WorkerStarting', worker: 5, generation: 2 });
  // The one that is free goes, not the one that is busy.
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 5, deadlineMs: 30_000 }), ['retire 2: reload']);
});

test('with one worker, that is busy: the new one takes its place at once, and it ends after its task', () => {
  const machine = new Machine({ max: 1, spares: 0 });
  machine.ready(1);
  machine.arrive(1);
  machine.arrive(2);
  assert.deepEqual(newCode(machine, 2), ['retire 1: reload', 'code 2 serves, 1 replaced', 'start 2 on 2 (short)']);
  machine.tell({ type: 'WorkerWithdrawn', worker: 1 });
  assert.deepEqual(machine.end(1), []);
  machine.tell({ type: 'WorkerGone', worker: 1 });
  assert.deepEqual(machine.arrive(3), []);
  assert.deepEqual(machine.end(2), ['start 3 on 2 (short)']);
});

test('old workers whose tasks run long are told to end at once: they take no other one meanwhile', () => {
  const machine = new Machine({ max: 4, cpus: 1 });
  machine.ready(1, 2, 3, 4);
  for (const task of [1, 2, 3, 4]) machine.arrive(task);
  machine.pass(60);
  assert.deepEqual(newCode(machine, 5), [
    'retire 1: reload',
    'retire 2: reload',
    'retire 3: reload',
    'retire 4: reload',
    'code 2 serves, 4 replaced',
    // It kept a reserved worker, which is none any more.
    'demote 4 on 1',
  ]);
  assert.equal(machine.missing, 0);
  assert.deepEqual(machine.arrive(6), ['start 6 on 5 (short)']);
  // They end as they would have; each leaves room for one with the new code.
  machine.arrive(7);
  machine.pass(60);
  machine.end(1);
  gone(machine, 1);
  gone(machine, 2);
  assert.equal(machine.missing, 1);
});

test('with all places taken by old ones that do not end, the others go without a replacement', () => {
  const machine = new Machine({ max: 2, min: 2, quantumMs: 10_000 });
  machine.ready(1, 2);
  machine.arrive(1);
  machine.arrive(2);
  // Both are busy, and one goes for the first new one.
  assert.deepEqual(newCode(machine, 3), ['retire 1: reload']);
  machine.tell({ type: 'WorkerStarting', worker: 4, generation: 2 });
  machine.tell({ type: 'WorkerWithdrawn', worker: 4 });
  assert.equal(machine.missing, 0, 'four live, where two may');
  machine.end(1);
  assert.deepEqual(machine.pass(999), []);
  assert.deepEqual(machine.pass(1), ['retire 2: reload', 'code 2 serves, 2 replaced']);
});

test('old ones that boot are of no use any more', () => {
  const machine = new Machine({ max: 3, min: 3 });
  machine.ready(1);
  machine.tell({ type: 'WorkerStarting', worker: 2, generation: 1 });
  assert.deepEqual(newCode(machine, 3), ['retire 2: reload', 'retire 1: reload', 'code 2 serves, 2 replaced']);
});

test('without any worker new code serves as soon as it was tried', () => {
  const machine = new Machine({ min: 0, spares: 0 });
  assert.deepEqual(newCode(machine, 1), ['code 2 serves, 0 replaced']);
  assert.deepEqual(machine.arrive(1), ['start 1 on 1 (short)']);
});

test('back to the old code: what is left of it stays, and the new ones go', () => {
  const machine = new Machine({ max: 2, min: 2 });
  machine.ready(1, 2);
  newCode(machine, 3);
  gone(machine, 1);
  assert.deepEqual(machine.tell({ type: 'CodeChanged', generation: 1 }), []);
  assert.equal(machine.missing, 1);
  machine.generation = 1;
  machine.tell({ type: 'WorkerStarting', worker: 4, generation: 1 });
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 4, deadlineMs: 30_000 }), [
    'retire 3: reload',
    'code 1 serves, 1 replaced',
  ]);
});

test('in mode fork spares with old code are replaced, and those that run a task end with it', () => {
  const machine = new Machine({ reuse: false, max: 4, spares: 2 });
  machine.ready(1, 2, 3);
  assert.deepEqual(machine.arrive(1), ['start 1 on 3 (short)']);
  assert.deepEqual(newCode(machine, 4), ['retire 3: reload', 'retire 1: reload']);
  gone(machine, 1);
  machine.tell({ type: 'WorkerStarting', worker: 5, generation: 2 });
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 5, deadlineMs: 30_000 }), [
    'retire 2: reload',
    'code 2 serves, 3 replaced',
  ]);
  assert.deepEqual(machine.end(1), []);
});

test('one worker is recycled: another one boots first', () => {
  const machine = new Machine({ max: 1, spares: 0 });
  machine.ready(1);
  assert.deepEqual(machine.tell({ type: 'WorkerOutdated', worker: 1 }), []);
  assert.equal(machine.missing, 1);
  machine.arrive(1);
  machine.tell({ type: 'WorkerStarting', worker: 2, generation: 1 });
  assert.equal(machine.missing, 0);
  machine.pass(100);
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 2, deadlineMs: 30_000 }), ['retire 1: recycle']);
  assert.deepEqual(machine.arrive(2), ['start 2 on 2 (short)']);
});

test('one that is idle for long ends as ever, recycled or not', () => {
  const machine = new Machine({ min: 0, spares: 0, idleTimeoutMs: 100 });
  machine.ready(1, 2);
  machine.tell({ type: 'WorkerOutdated', worker: 1 });
  assert.deepEqual(machine.pass(100), ['retire 1: idle', 'retire 2: idle']);
  assert.equal(machine.missing, 0);
});

test('more workers: they boot', () => {
  const machine = new Machine({ max: 1, spares: 0 });
  machine.ready(1);
  assert.equal(machine.missing, 0);
  machine.tell({ type: 'BoundsChanged', bounds: { min: 3, max: 3, spares: 0 } });
  assert.equal(machine.missing, 1);
  machine.ready(2);
  machine.ready(3);
  assert.equal(machine.missing, 0);
});

test('fewer workers: those that boot go first, then free ones, then those that are busy, the long ones last', () => {
  const machine = new Machine({ max: 5, min: 5, cpus: 1 });
  machine.ready(1, 2, 3);
  machine.arrive(1);
  machine.pass(60);
  machine.arrive(2);
  machine.tell({ type: 'WorkerStarting', worker: 4, generation: 1 });
  const scale = (workers: number): string[] =>
    machine.tell({ type: 'BoundsChanged', bounds: { min: workers, max: workers, spares: 0 } });
  assert.deepEqual(scale(3), ['retire 4: surplus']);
  assert.deepEqual(scale(2), ['retire 1: surplus']);
  assert.deepEqual(scale(1), ['retire 2: surplus']);
  for (const worker of [1, 2, 4]) machine.tell({ type: 'WorkerWithdrawn', worker });
  assert.deepEqual(machine.end(2), []);
  assert.deepEqual(machine.arrive(3), []);
  assert.deepEqual(machine.end(1), ['start 3 on 3 (short)']);
  assert.equal(machine.missing, 0);
});

test('nobody is replaced while the server ends', () => {
  const machine = new Machine({ max: 2, min: 2 });
  machine.ready(1, 2);
  newCode(machine, 3);
  assert.deepEqual(machine.tell({ type: 'Closing' }), []);
  assert.equal(machine.missing, 0);
  assert.deepEqual(machine.pass(5000), []);
});

test('code that is put back before the worker that tried it is heard of: that worker serves nothing, and ends', () => {
  const machine = new Machine({ max: 3, min: 1, spares: 0 });
  machine.ready(1);
  machine.tell({ type: 'WorkerStarting', worker: 2, generation: 2 });
  machine.tell({ type: 'CodeChanged', generation: 2 });
  machine.tell({ type: 'CodeChanged', generation: 1 });
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 2, deadlineMs: 30_000 }), ['retire 2: reload']);
  assert.deepEqual(machine.arrive(1), ['start 1 on 1 (short)']);
  assert.deepEqual(machine.arrive(2), []);
});
