import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TaskFacts } from '../../src/scheduler/types.ts';
import { WaitingTasks } from '../../src/scheduler/waiting-tasks.ts';
import { Machine } from './machine.ts';

const QUEUE_TIMEOUT_MS = 10_000;

function facts(some: Partial<TaskFacts> = {}): TaskFacts {
  return { key: '', client: '', weight: 1, priority: 0, restartable: false, hasBody: false, ...some };
}

function takeLong(waiting: WaitingTasks): number[] {
  const taken: number[] = [];
  for (let task = waiting.takeLong(); task !== undefined; task = waiting.takeLong()) taken.push(task);
  return taken;
}

test('for the long lane a shorter one passes a longer one that came a little earlier, and not one that came much earlier', () => {
  const waiting = new WaitingTasks(QUEUE_TIMEOUT_MS);
  waiting.addLong(1, facts(), 10_000, 0);
  waiting.addLong(2, facts(), 100, 3_000);
  waiting.addLong(3, facts(), 100, 6_000);
  assert.deepEqual(takeLong(waiting), [2, 1, 3]);
});

test('of two that are long beyond measure the shorter one comes first', () => {
  const waiting = new WaitingTasks(QUEUE_TIMEOUT_MS);
  waiting.addLong(1, facts(), 120_000, 0);
  waiting.addLong(2, facts(), 60_000, 10);
  assert.deepEqual(takeLong(waiting), [2, 1]);
});

test('each step of priority counts as a second of waiting, in both lanes', () => {
  const waiting = new WaitingTasks(QUEUE_TIMEOUT_MS);
  const tasks = [
    [1, 0, 0],
    [2, 2, 1_999],
    [3, -1, 0],
    [4, 0, 999],
  ] as const;
  for (const [task, priority, atMs] of tasks) waiting.addLong(task, facts({ priority }), 0, atMs);
  assert.deepEqual(takeLong(waiting), [2, 1, 4, 3]);
  for (const [task, priority, atMs] of tasks) waiting.addShort(task, facts({ priority }), atMs, atMs);
  for (const task of [2, 1, 4, 3]) {
    assert.equal(waiting.nextShort, task);
    waiting.remove(task);
  }
});

test('no task is passed by one that comes half of the longest waiting time after it, whatever they take', () => {
  const arrival = fc.record({ gapMs: fc.integer({ min: 0, max: 2_000 }), runMs: fc.integer({ min: 0, max: 10 ** 7 }) });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 200 }), (arrivals) => {
      const waiting = new WaitingTasks(QUEUE_TIMEOUT_MS);
      const cameMs: number[] = [];
      let nowMs = 0;
      for (const [task, { gapMs, runMs }] of arrivals.entries()) {
        nowMs += gapMs;
        cameMs.push(nowMs);
        waiting.addLong(task, facts(), runMs, nowMs);
      }
      let latestMs = 0;
      for (const task of takeLong(waiting)) {
        const atMs = cameMs[task] ?? 0;
        assert.ok(latestMs - atMs <= QUEUE_TIMEOUT_MS / 2, `one of ${atMs} came out after one of ${latestMs}`);
        latestMs = Math.max(latestMs, atMs);
      }
    }),
  );
});

test('nobody starves: one that is long gets its turn before its time is up, however many shorter ones come after it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 1900 }), fc.integer({ min: 2_000, max: 25_000 }), (shorterMs, longerMs) => {
      const machine = new Machine({ max: 3, spares: 0, queueTimeoutMs: QUEUE_TIMEOUT_MS });
      machine.ready(1, 2, 3);
      machine.teachLong('longer', 3);
      machine.teachLong('shorter', 3);
      // What it takes in the mean is learned too.
      for (let task = 50_001; task <= 50_040; task += 1) {
        machine.arrive(task, { key: 'longer' });
        machine.pass(60);
        machine.end(task, longerMs);
      }
      const commands: string[] = [];
      const running = new Set<number>();
      const hear = (words: readonly string[]): void => {
        commands.push(...words);
        for (const word of words) running.add(Number(/^start (\d+) on/.exec(word)?.[1] ?? 0));
      };
      for (const task of [1, 2]) hear(machine.arrive(task, { key: 'shorter' }));
      hear(machine.arrive(3, { key: 'longer' }));
      // There is always one that would come first by its run time alone.
      for (let latest = 4; machine.nowMs < 100_000 && !commands.some((word) => / 3(:| on)/.test(word));) {
        while (machine.scheduler.figures.queuedLong < 3) hear(machine.arrive((latest += 1), { key: 'shorter' }));
        hear(machine.pass(shorterMs));
        running.delete(0);
        const over = [...running];
        running.clear();
        for (const task of over) hear(machine.end(task));
      }
      const fate = commands.find((word) => / 3(:| on)/.test(word));
      assert.match(fate ?? 'none', /^start 3 on \d \(long\)$/);
    }),
    { numRuns: 20 },
  );
});

test("one client's hundred tasks of which nothing is known do not hold up another's one", () => {
  const machine = new Machine({ max: 2, spares: 0, queueLimit: 200 });
  machine.ready(1, 2);
  for (let task = 1; task <= 100; task += 1) machine.arrive(task, { client: 'many' });
  machine.arrive(101, { client: 'one' });
  const begunBy = (over: readonly number[]): number[] =>
    over.flatMap((task) => machine.end(task)).map((word) => Number(word.split(' ')[1]));
  const first = begunBy([1, 2]);
  const second = begunBy(first);
  assert.ok([...first, ...second].includes(101), `${[...first, ...second].join(', ')} began`);
  // Who comes back has no claims, and nobody has any on it.
  machine.arrive(102, { client: 'one' });
  const third = begunBy(second);
  assert.ok([...third, ...begunBy(third)].includes(102));
});
