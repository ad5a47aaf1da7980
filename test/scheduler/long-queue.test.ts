import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LongQueue } from '../../src/scheduler/long-queue.ts';
import type { TaskFacts } from '../../src/scheduler/types.ts';

function facts(some: Partial<TaskFacts> = {}): TaskFacts {
  return { key: '', client: '', weight: 1, priority: 0, restartable: false, hasBody: false, ...some };
}

function takeAll(queue: LongQueue): number[] {
  const taken: number[] = [];
  for (let task = queue.take(); task !== undefined; task = queue.take()) taken.push(task);
  return taken;
}

test('one client gets its tasks in the order in which they came', () => {
  const queue = new LongQueue();
  for (const task of [3, 1, 2]) queue.add(task, facts(), 100, task === 3 ? 0 : 10 * task);
  assert.deepEqual(takeAll(queue), [3, 1, 2]);
});

test('a shorter one passes a longer one that came a little earlier, and not one that came much earlier', () => {
  const queue = new LongQueue();
  queue.add(1, facts(), 10_000, 0);
  queue.add(2, facts(), 100, 5_000);
  queue.add(3, facts(), 100, 50_000);
  assert.deepEqual(takeAll(queue), [2, 1, 3]);
});

test('each step of priority counts as a second of waiting', () => {
  const queue = new LongQueue();
  queue.add(1, facts(), 0, 0);
  queue.add(2, facts({ priority: 2 }), 0, 1_999);
  queue.add(3, facts({ priority: -1 }), 0, 0);
  queue.add(4, facts(), 0, 999);
  assert.deepEqual(takeAll(queue), [2, 1, 4, 3]);
});

test("one client's hundred tasks do not hold up another's one", () => {
  const queue = new LongQueue();
  for (let task = 0; task < 100; task += 1) queue.add(task, facts({ client: 'many' }), 1000, task);
  queue.take();
  queue.add(1000, facts({ client: 'one' }), 1000, 5000);
  assert.ok([queue.take(), queue.take()].includes(1000));
});

test('clients that have a backlog get turns by their weights', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (weights) => {
      const queue = new LongQueue();
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [client, weight] of weights.entries()) {
        for (let count = 0; count < 2 * weight; count += 1)
          queue.add(100 * client + count, facts({ client: `c${client}`, weight }), 0, count);
      }
      const round = Array.from({ length: total }, () => Math.floor((queue.take() ?? -1) / 100));
      for (const [client, weight] of weights.entries()) assert.equal(round.filter((one) => one === client).length, weight);
    }),
  );
});

test('nobody starves: what comes more than two minutes later never passes, however short and urgent', () => {
  const arrival = fc.record({
    gapMs: fc.integer({ min: 0, max: 5_000 }),
    runMs: fc.integer({ min: 0, max: 10 ** 7 }),
    priority: fc.integer({ min: -10, max: 10 }),
  });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 200 }), (arrivals) => {
      const queue = new LongQueue();
      const cameMs: number[] = [];
      let nowMs = 0;
      for (const [task, { gapMs, runMs, priority }] of arrivals.entries()) {
        nowMs += gapMs;
        cameMs.push(nowMs);
        queue.add(task, facts({ priority }), runMs, nowMs);
      }
      let latestMs = 0;
      for (const task of takeAll(queue)) {
        const atMs = cameMs[task] ?? 0;
        assert.ok(latestMs - atMs <= 120_000, `one of ${atMs} came out after one of ${latestMs}`);
        latestMs = Math.max(latestMs, atMs);
      }
    }),
  );
});

test('what is removed does not come out, and its client is forgotten with its last task', () => {
  const queue = new LongQueue();
  queue.add(1, facts({ client: 'a' }), 0, 0);
  queue.add(2, facts({ client: 'b' }), 0, 0);
  assert.equal(queue.remove(1), true);
  assert.equal(queue.remove(1), false);
  assert.deepEqual([queue.has(1), queue.has(2), queue.size], [false, true, 1]);
  assert.deepEqual(takeAll(queue), [2]);
  assert.equal(queue.take(), undefined);
});
