import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog } from '../../src/scheduler/backlog.ts';
import type { Policy } from '../../src/scheduler/types.ts';
import { Machine } from './machine.ts';

const LOOK_MS = 250;
const BUSY = { type: 'LoadMeasured', cpus: 2 } as const;

/** What a look finds: how many tasks have ended, whether all CPUs were busy, and how many tasks wait, 30 if nothing else is said. */
type Look = readonly [ended: number, saturated: boolean, waiting?: number];

function limitAfter(looks: readonly Look[], patienceMs: number | undefined): number {
  const backlog = new Backlog(patienceMs);
  backlog.look(true, 30, 2, LOOK_MS);
  for (const [index, [ended, saturated, waiting = 30]] of looks.entries()) {
    for (let task = 0; task < ended; task += 1) backlog.ended();
    backlog.look(saturated, waiting, 2, (index + 2) * LOOK_MS);
  }
  return backlog.limit;
}

const CASES: readonly (readonly [what: string, looks: readonly Look[], patienceMs: number | undefined, limit: number])[] = [
  ['as many as end within the time', [[250, true]], 500, 500],
  ['no fewer than 16 for each worker', [[5, true]], 500, 32],
  [
    'the fastest of the last looks counts',
    [
      [250, true],
      [50, true],
      [100, true],
    ],
    500,
    500,
  ],
  [
    'but not one of long ago',
    [
      [250, true],
      [50, true],
      [50, true],
      [50, true],
      [50, true],
    ],
    500,
    100,
  ],
  ['a machine with CPUs to spare has no such limit', [[250, false]], 500, Number.POSITIVE_INFINITY],
  [
    'one look at which there was one to spare changes nothing',
    [
      [250, true],
      [300, false],
      [200, true],
      [300, false],
    ],
    500,
    500,
  ],
  [
    'two in a row end it',
    [
      [250, true],
      [300, false],
      [300, false],
    ],
    500,
    Number.POSITIVE_INFINITY,
  ],
  ['where nothing has waited the pace is that of the clients', [[2, true, 0]], 500, Number.POSITIVE_INFINITY],
  [
    'nor is it one where what waits has just come',
    [
      [2, true, 0],
      [2, true, 30],
    ],
    500,
    Number.POSITIVE_INFINITY,
  ],
  ['where nothing ends there is no pace', [[0, true]], 500, Number.POSITIVE_INFINITY],
  ['it is for who asks for it', [[250, true]], undefined, Number.POSITIVE_INFINITY],
];

for (const [what, looks, patienceMs, limit] of CASES)
  test(`how many may wait: ${what}`, () => assert.equal(limitAfter(looks, patienceMs), limit));

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
  assert.ok(longestWaitMs > 250 && longestWaitMs <= 600, `the longest wait was ${longestWaitMs} ms`);
  assert.deepEqual(figures, ['overloaded']);
});

test('without that limit all that is served has waited as long as it may', () => {
  const { longestWaitMs, figures } = overload({ queueTimeoutMs: 5000 }, 20_000);
  assert.ok(longestWaitMs > 4900, `the longest wait was ${longestWaitMs} ms`);
  assert.deepEqual(figures, ['queueTimeout']);
});

test('what may wait at this moment is told', () => {
  const machine = new Machine({ min: 2, max: 2, spares: 0, queueLimit: 50, queuePatienceMs: 500 });
  machine.ready(1, 2);
  assert.equal(machine.scheduler.figures.queueLimit, 50);
  machine.arriveAll([1, 2, 3, 4, 5]);
  machine.nowMs = LOOK_MS;
  machine.tell(BUSY);
  machine.end(1);
  machine.nowMs += LOOK_MS;
  machine.tell(BUSY);
  assert.equal(machine.scheduler.figures.queueLimit, 32);
});

test('a burst that finds the CPUs busy with something else may wait, however few have ended of late', () => {
  const machine = new Machine({ min: 1, max: 1, spares: 0, queuePatienceMs: 500 });
  machine.ready(1);
  for (let task = 1; task <= 8; task += 1) {
    machine.arrive(task);
    machine.end(task);
    machine.nowMs += LOOK_MS;
    machine.tell(BUSY);
  }
  const burst = Array.from({ length: 40 }, (_, index) => 100 + index);
  assert.deepEqual(machine.arriveAll(burst), ['start 100 on 1 (short)']);
});
