import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog } from '../../src/scheduler/backlog.ts';
import type { Policy } from '../../src/scheduler/types.ts';
import { Machine } from './machine.ts';

const LOOK_MS = 250;
const BUSY = { type: 'LoadMeasured', cpus: 2 } as const;

/** So many tasks end between each of these looks; with an ! at the end, at one that finds room. */
function limitAfter(looks: readonly (number | `${number}!`)[], patienceMs: number | undefined, workers = 2): number {
  const backlog = new Backlog(patienceMs);
  for (const [index, look] of looks.entries()) {
    for (let task = 0; task < Number.parseInt(`${look}`, 10); task += 1) backlog.ended();
    backlog.look(typeof look === 'number', workers, (index + 1) * LOOK_MS);
  }
  return backlog.limit;
}

const NONE = Number.POSITIVE_INFINITY;
const CASES: readonly (readonly [
  what: string,
  looks: readonly (number | `${number}!`)[],
  patienceMs: number | undefined,
  limit: number,
])[] = [
  ['as many as end within the time', [250], 500, 500],
  ['the fastest of the last looks counts', [50, 250, 50, 100], 500, 500],
  ['also one before anybody waited for long', ['250!', 100], 500, 500],
  ['but not one of long ago', [250, 50, 50, 50, 50], 500, 100],
  ['no fewer than 64', [5], 500, 64],
  ['where there is room there is no such limit', ['250!', '250!'], 500, NONE],
  ['one look that finds room changes nothing', [250, 100, '300!', 100, 200, '300!'], 500, 600],
  ['two in a row end it', [250, '300!', '300!'], 500, NONE],
  ['and the next one that finds none begins it anew', [250, '300!', '300!', 250], 500, 600],
  ['where nothing ends there is no pace', [0, 0, 0, 0], 500, NONE],
  ['it is for who asks for it', [250, 250], undefined, NONE],
];

for (const [what, looks, patienceMs, limit] of CASES)
  test(`how many may wait: ${what}`, () => assert.equal(limitAfter(looks, patienceMs), limit));

test('how many may wait: nor than 16 for each worker', () => assert.equal(limitAfter([5], 500, 6), 96));

/** Two workers, tasks of 4 ms, and a task each ms: twice as many as they can do. */
function overload(
  policy: Partial<Policy>,
  lastMs: number,
): { readonly done: number; readonly longestWaitMs: number; readonly figures: string[] } {
  const machine = new Machine({ min: 2, max: 2, spares: 0, queueLimit: 100_000, ...policy });
  machine.ready(1, 2);
  const endMs = new Map<number, number>();
  let [done, longestWaitMs] = [0, 0];
  const rejected = new Map<string, number>();
  const note = (commands: readonly string[]): void => {
    for (const command of commands) {
      const [what, id] = command.split(/[ :]/u);
      if (what === 'start') {
        // A task is called by the time of its arrival.
        longestWaitMs = Math.max(longestWaitMs, machine.nowMs - Number(id));
        endMs.set(Number(id), machine.nowMs + 4);
      } else rejected.set(command.split(': ')[1] ?? what ?? '', 1);
    }
  };
  for (machine.nowMs = 1; machine.nowMs <= lastMs; machine.nowMs += 1) {
    for (const [task, atMs] of endMs) {
      if (atMs > machine.nowMs) continue;
      endMs.delete(task);
      done += 1;
      note(machine.end(task));
    }
    if (machine.nowMs % LOOK_MS === 0) note(machine.tell(BUSY));
    note(machine.arrive(machine.nowMs));
  }
  return { done, longestWaitMs, figures: [...rejected.keys()] };
}

test('at twice the capacity as much gets done as ever, and nobody who is served has waited for long', () => {
  const { done, longestWaitMs, figures } = overload({ queuePatienceMs: 500 }, 20_000);
  assert.ok(done >= 0.99 * 10_000, `${done} of 10,000 tasks were done`);
  assert.ok(longestWaitMs > 250 && longestWaitMs <= 700, `the longest wait was ${longestWaitMs} ms`);
  assert.deepEqual(figures, ['overloaded']);
});

test('without that limit all that is served has waited as long as it may', () => {
  const { longestWaitMs, figures } = overload({ queueTimeoutMs: 5000 }, 20_000);
  assert.ok(longestWaitMs > 4900, `the longest wait was ${longestWaitMs} ms`);
  assert.deepEqual(figures, ['queueTimeout']);
});

test('a burst that comes when all CPUs are busy with something else may wait', () => {
  const machine = new Machine({ min: 2, max: 2, spares: 0, queueLimit: 1000, queuePatienceMs: 500 });
  machine.ready(1, 2);
  for (let look = 1; look <= 20; look += 1) {
    machine.arrive(look);
    machine.end(look);
    machine.nowMs = look * LOOK_MS;
    machine.tell(BUSY);
  }
  for (let task = 101; task <= 300; task += 1)
    assert.ok(!machine.arrive(task).some((command) => command.startsWith('reject')), `task ${task} was turned away`);
});

test('a glance at the load says nothing of the pace', () => {
  const machine = new Machine({ min: 2, max: 2, spares: 0, queueLimit: 100, queuePatienceMs: 500 });
  machine.ready(1, 2);
  for (let task = 1; task <= 10; task += 1) machine.arrive(task);
  machine.end(1);
  for (let look = 1; look <= 8; look += 1) {
    machine.nowMs += 50;
    machine.tell({ ...BUSY, isGlance: true });
  }
  assert.equal(machine.scheduler.figures.queueLimit, 100);
});

test('what may wait at this moment is told', () => {
  const machine = new Machine({ min: 2, max: 2, spares: 0, queueLimit: 100, queuePatienceMs: 500 });
  machine.ready(1, 2);
  assert.equal(machine.scheduler.figures.queueLimit, 100);
  for (let task = 1; task <= 10; task += 1) machine.arrive(task);
  for (let look = 1; look <= 4; look += 1) {
    machine.end(look);
    machine.nowMs = look * LOOK_MS;
    machine.tell(BUSY);
  }
  assert.equal(machine.scheduler.figures.queueLimit, 64);
});
