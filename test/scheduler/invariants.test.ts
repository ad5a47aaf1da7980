import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Policy } from '../../src/scheduler/types.ts';
import { POLICY } from './machine.ts';
import { World } from './world.ts';

const policies: fc.Arbitrary<Policy> = fc
  .record({
    max: fc.integer({ min: 1, max: 12 }),
    min: fc.nat(3),
    spares: fc.nat(3),
    cpus: fc.constantFrom(0.5, 1, 2, 4),
    memoryBytes: fc.constantFrom(0, 1, 300, 700),
    reuse: fc.boolean(),
    queueLimit: fc.constantFrom(0, 3, 50),
    queueTimeoutMs: fc.constantFrom(200, 10_000),
    idleTimeoutMs: fc.constantFrom(0, 100, 60_000),
    maxRequests: fc.constantFrom(0, 1, 10),
  })
  .map((some) => Object.assign(some, { min: Math.min(some.min, some.max), spares: Math.min(some.spares, some.max) }))
  .map((some) => Object.assign({}, POLICY, some));

test('whatever happens: one answer for each task, no second start that was not allowed, room for short ones, and an end', () => {
  fc.assert(
    fc.property(policies, fc.integer(), fc.integer({ min: 1, max: 80 }), (policy, seed, tasks) => {
      const world = new World(policy, seed);
      world.run(tasks);
      world.checkDrained();
    }),
    { numRuns: 400 },
  );
});

test('a steady load boots no more workers when it lasts longer', () => {
  const bootsOf = (tasks: number): number => {
    const world = new World({ ...POLICY, max: 12, idleTimeoutMs: 1000 }, 42, { calm: true });
    world.run(tasks);
    return world.boots;
  };
  assert.ok(bootsOf(20_000) <= bootsOf(2_000) + 12, `${bootsOf(2_000)} boots for 2,000 tasks, ${bootsOf(20_000)} for 20,000`);
});
