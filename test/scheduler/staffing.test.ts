import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from './machine.ts';

test('mode fork: a spare whose event loop did not turn for a while is as good as new', () => {
  const machine = new Machine({ reuse: false, spares: 1 });
  machine.ready(1);
  machine.tell({ type: 'WorkerBlocked', worker: 1 });
  assert.deepEqual(machine.tell({ type: 'WorkerAnswered', worker: 1 }), []);
  assert.deepEqual(machine.arrive(1), ['start 1 on 1 (short)']);
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
