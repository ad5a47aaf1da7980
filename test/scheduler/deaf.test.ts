import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from './machine.ts';

test('one that computes when it is cancelled does not hear of it: its worker is asked, and ends soon when it gives no sign', () => {
  const machine = new Machine({ max: 2, deafGraceMs: 30 });
  machine.ready(1, 2);
  machine.arrive(1);
  machine.arrive(2);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 1 }), ['revoke 1 on 2', 'probe 2', 'cancel 1 on 2']);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 2 }), ['revoke 2 on 1', 'probe 1', 'cancel 2 on 1']);
  machine.pass(10);
  machine.tell({ type: 'WorkerAnswered', worker: 1 });
  assert.deepEqual(machine.pass(19), []);
  assert.deepEqual(machine.pass(1), ['kill 1 on 2: cancelled']);
  // The other one has heard, and has all of its grace.
  assert.deepEqual(machine.pass(469), []);
  assert.deepEqual(machine.pass(1), ['kill 2 on 1: cancelled']);
});

test('a call that was given up early says nothing about what its key costs', () => {
  const machine = new Machine({ max: 4, spares: 0, deafGraceMs: 30 });
  machine.ready(1, 2, 3);
  machine.teachLong('long', 3);
  const started = machine.arrive(1, { key: 'long' });
  assert.match(started.join(), /^start 1 on \d \(long\)$/);
  const worker = Number(/on (\d)/.exec(started.join())?.[1]);
  machine.tell({ type: 'TaskCancelled', task: 1 });
  assert.ok(machine.pass(30).includes(`kill 1 on ${worker}: cancelled`));
  machine.tell({ type: 'WorkerGone', worker });
  machine.ready(4);
  assert.match(machine.arrive(2, { key: 'long' }).join(), /^start 2 on \d \(long\)$/);
});
