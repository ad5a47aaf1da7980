import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_CONNECTIONS } from '../../src/scheduler/worker-table.ts';
import { DEADLINE_MS, Machine } from './machine.ts';

const CONNECTION = { isConnection: true };

/** With two CPUs two of the workers are reserved for what is short. */
function connected(workers: number, policy: ConstructorParameters<typeof Machine>[0] = {}): Machine {
  const machine = new Machine({ max: workers, spares: 0, ...policy });
  machine.ready(...Array.from({ length: workers }, (_, index) => index + 1));
  return machine;
}

test('connections share a worker, and what is short goes to the others', () => {
  const machine = connected(4);
  assert.deepEqual(machine.arrive(1, CONNECTION), ['start 1 on 4 (long)']);
  assert.deepEqual(machine.arrive(2, CONNECTION), ['start 2 on 4 (long)']);
  assert.deepEqual(machine.arrive(3), ['start 3 on 3 (short)']);
  assert.deepEqual(machine.arrive(4), ['start 4 on 2 (short)']);
  assert.deepEqual(machine.arrive(5), ['start 5 on 1 (short)']);
  // It waits for one of those, although the fourth one only holds connections.
  assert.deepEqual(machine.arrive(6), []);
  assert.equal(machine.scheduler.figures.connections, 2);
  assert.equal(machine.scheduler.laneOf(1), 'long');
});

test('when its last connection ends the worker is as any other', () => {
  const machine = connected(3);
  machine.arrive(1, CONNECTION);
  machine.arrive(2, CONNECTION);
  machine.arrive(3);
  machine.arrive(4);
  assert.deepEqual(machine.arrive(5), []);
  assert.deepEqual(machine.end(1), []);
  assert.deepEqual(machine.end(2), ['start 5 on 3 (short)']);
});

test('the quantum, the deadline and the idle time do not count for connections', () => {
  const machine = connected(3);
  machine.arrive(1, CONNECTION);
  assert.deepEqual(
    machine.pass(10 * DEADLINE_MS).filter((command) => !command.startsWith('retire 1') && !command.startsWith('retire 2')),
    [],
  );
  assert.equal(machine.scheduler.figures.connections, 1);
});

test('the last worker for what is short takes none: it waits for another worker, and is turned away when there is none in time', () => {
  const machine = connected(1, { max: 3 });
  assert.deepEqual(machine.arrive(1, CONNECTION), []);
  assert.equal(machine.missing, 1);
  machine.tell({ type: 'WorkerStarting', worker: 2, generation: 1 });
  assert.deepEqual(machine.tell({ type: 'WorkerReady', worker: 2, deadlineMs: DEADLINE_MS }), ['start 1 on 2 (long)']);
  assert.equal(machine.missing, 0);
  const full = connected(2, { memoryBytes: 2 * 64 * 2 ** 20, cpus: 1 });
  full.arrive(1, { key: 'long' });
  full.pass(60);
  assert.deepEqual(full.arrive(2, CONNECTION), []);
  assert.deepEqual(full.pass(10_000), ['reject 2: queueTimeout']);
});

test('a busy machine does not keep a connection from the worker that it needs', () => {
  const machine = connected(1, { max: 4, cpus: 1 });
  machine.tell({ type: 'LoadMeasured', cpus: 1 });
  machine.arrive(1, CONNECTION);
  assert.equal(machine.missing, 1);
});

test('a worker holds so many and no more; the next one goes to another', () => {
  const machine = connected(4);
  const places = Array.from({ length: MOST_CONNECTIONS + 1 }, (_, task) => machine.arrive(task + 1, CONNECTION)[0]);
  assert.equal(places.filter((place) => place?.includes('on 4')).length, MOST_CONNECTIONS);
  assert.equal(places.at(-1), `start ${MOST_CONNECTIONS + 1} on 3 (long)`);
});

test('one whose client is gone is closed when its worker gets to it, and never costs the worker', () => {
  const machine = connected(3);
  machine.arrive(1, CONNECTION);
  machine.arrive(2, CONNECTION);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 1 }), ['cancel 1 on 3']);
  assert.deepEqual(machine.tell({ type: 'TaskCancelled', task: 1 }), []);
  assert.deepEqual(machine.pass(5000), []);
  machine.end(1);
  assert.equal(machine.scheduler.figures.connections, 1);
  // While it waits for a place it is forgotten.
  const waiting = connected(1, { max: 3 });
  waiting.arrive(1, CONNECTION);
  assert.deepEqual(waiting.tell({ type: 'TaskCancelled', task: 1 }), []);
  assert.equal(waiting.scheduler.figures.tasks, 0);
});

test('a worker whose event loop does not turn takes none, and is ended after as long as a task may run', () => {
  const machine = connected(4);
  machine.arrive(1, CONNECTION);
  machine.tell({ type: 'WorkerBlocked', worker: 4 });
  assert.deepEqual(machine.arrive(2, CONNECTION), ['start 2 on 3 (long)']);
  assert.deepEqual(machine.pass(DEADLINE_MS - 1), []);
  assert.deepEqual(machine.pass(1), ['retire 4: stuck']);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 4 }), ['lose 1 with 4']);
  // One that answers in time goes on.
  machine.tell({ type: 'WorkerBlocked', worker: 3 });
  machine.pass(1000);
  machine.tell({ type: 'WorkerAnswered', worker: 3 });
  assert.ok(!machine.pass(2 * DEADLINE_MS).some((command) => command.startsWith('retire 3')));
});

test('with one worker alone what is short runs beside connections', () => {
  const machine = connected(1);
  assert.deepEqual(machine.arrive(1, CONNECTION), ['start 1 on 1 (long)']);
  assert.deepEqual(machine.arrive(2), ['start 2 on 1 (short)']);
  // Not beside what may compute.
  assert.deepEqual(machine.arrive(3, CONNECTION), []);
  assert.deepEqual(machine.end(2), ['start 3 on 1 (long)']);
  assert.deepEqual(machine.arrive(4), ['start 4 on 1 (short)']);
  machine.end(4);
  // It is never idle as long as it holds one.
  assert.deepEqual(machine.pass(1_000_000), []);
});

test('in mode fork each has a worker of its own', () => {
  const machine = connected(4, { reuse: false });
  assert.deepEqual(machine.arrive(1, CONNECTION), ['start 1 on 4 (long)']);
  assert.deepEqual(machine.arrive(2, CONNECTION), ['start 2 on 3 (long)']);
  // The last two are for what is short.
  assert.deepEqual(machine.arrive(3, CONNECTION), []);
  assert.deepEqual(machine.end(1), ['retire 4: spent', 'start 3 on 2 (long)']);
});

test('a worker that has served enough ends after its last connection, and a smaller max takes those first that hold none', () => {
  const machine = connected(3, { maxRequests: 1 });
  assert.deepEqual(machine.arrive(1, CONNECTION), ['start 1 on 3 (long)']);
  assert.deepEqual(machine.arrive(2, CONNECTION), []);
  assert.deepEqual(machine.end(1), ['retire 3: maxRequests', 'start 2 on 2 (long)']);
  const other = connected(3);
  other.arrive(1, CONNECTION);
  assert.deepEqual(other.tell({ type: 'BoundsChanged', bounds: { min: 1, max: 2, spares: 0 } }), ['retire 1: surplus']);
});

test('at the end those that wait are turned away', () => {
  const machine = connected(1, { max: 3 });
  machine.arrive(1, CONNECTION);
  assert.deepEqual(machine.tell({ type: 'Closing' }), ['reject 1: closing']);
  assert.deepEqual(machine.arrive(2, CONNECTION), ['reject 2: closing']);
});

test('the only worker ends its connections when it has served enough, and something waits for another one', () => {
  const machine = connected(1, { max: 1, maxRequests: 10 });
  machine.arrive(1, CONNECTION);
  let task = 1;
  for (; task < 30;) {
    task += 1;
    if (machine.arrive(task).includes(`start ${task} on 1 (short)`)) assert.deepEqual(machine.end(task), []);
    else break;
  }
  assert.ok(task > 10 && task < 30, `it served ${task} tasks`);
  // What it has waits for the next one, which boots when it is gone.
  assert.equal(machine.scheduler.figures.queued, 1);
  assert.deepEqual(machine.tell({ type: 'WorkerGone', worker: 1 }), ['lose 1 with 1']);
  assert.equal(machine.missing, 1);
  machine.tell({ type: 'WorkerStarting', worker: 2, generation: 1 });
  const ready = machine.tell({ type: 'WorkerReady', worker: 2, deadlineMs: DEADLINE_MS });
  assert.deepEqual(ready, [`start ${task} on 2 (short)`]);
});
