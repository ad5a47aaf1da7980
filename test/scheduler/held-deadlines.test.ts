import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEADLINE_MS, Machine } from './machine.ts';

const kills = (commands: readonly string[]): string[] => commands.filter((command) => command.startsWith('kill'));

test('while a person looks no deadline passes, and the time does not count', () => {
  const machine = new Machine();
  machine.ready(1, 2);
  machine.arrive(1);
  machine.pass(10_000);
  machine.tell({ type: 'DeadlinesHeld', worker: 2 });
  // Twice is no longer than once.
  machine.tell({ type: 'DeadlinesHeld', worker: 2 });
  assert.deepEqual(kills(machine.pass(10 * DEADLINE_MS)), []);
  machine.tell({ type: 'DeadlinesGoOn', worker: 2 });
  assert.deepEqual(kills(machine.pass(DEADLINE_MS - 10_000 - 1)), []);
  assert.deepEqual(kills(machine.pass(1)), ['kill 1 on 2: deadline']);
});

test('that holds within the quantum too, and for a task that begins meanwhile', () => {
  const machine = new Machine({ min: 1, max: 1, spares: 0 });
  machine.ready(1);
  machine.arrive(1);
  machine.tell({ type: 'DeadlinesHeld', worker: 1 });
  machine.end(1);
  machine.pass(1000);
  machine.arrive(2);
  assert.deepEqual(kills(machine.pass(2 * DEADLINE_MS)), []);
  machine.tell({ type: 'DeadlinesGoOn', worker: 1 });
  assert.deepEqual(kills(machine.pass(DEADLINE_MS - 1)), []);
  assert.deepEqual(kills(machine.pass(1)), ['kill 2 on 1: deadline']);
});

test('other workers keep their deadlines, and to go on where nothing was held changes nothing', () => {
  const machine = new Machine();
  machine.ready(1, 2);
  machine.arrive(1);
  machine.arrive(2);
  machine.tell({ type: 'DeadlinesHeld', worker: 1 });
  machine.tell({ type: 'DeadlinesGoOn', worker: 2 });
  machine.tell({ type: 'DeadlinesHeld', worker: 99 });
  assert.deepEqual(kills(machine.pass(DEADLINE_MS)), ['kill 1 on 2: deadline']);
});
