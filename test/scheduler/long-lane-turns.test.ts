/** Who gets the long lane, on the whole scheduler: admission, learned costs, turns and lanes together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Machine } from './machine.ts';

/** What the tasks of each key take, ms. */
const RUN_MS = [100, 1000, 4000, 20_000];

interface Ask {
  readonly atMs: number;
  readonly client: number;
  readonly weight: number;
  readonly key: number;
  readonly priority: number;
}

/**
 * Lets tasks come, all of keys that are known to be long, where two may run at once; each runs for as long as its key says.
 *
 * @param onStart a task is sent to the long lane, and these wait for it still
 */
function run(asks: readonly Ask[], queueTimeoutMs: number, onStart: (task: Ask, waiting: ReadonlySet<Ask>) => void): void {
  const machine = new Machine({ max: 4, spares: 0, queueLimit: 10_000, queueTimeoutMs });
  machine.ready(1, 2, 3, 4);
  for (const [key, runMs] of RUN_MS.entries()) {
    for (let task = 1; task <= 32; task += 1) {
      machine.arrive(task, { key: String(key) });
      machine.pass(60);
      machine.end(task, runMs);
    }
  }
  const beganMs = machine.nowMs;
  const waiting = new Map<number, Ask>();
  const running = new Map<number, { readonly endMs: number; readonly runMs: number }>();
  const hear = (words: readonly string[]): void => {
    for (const word of words) {
      const [, what, id, lane] = /^(start|reject) (\d+).*?(\w+)\)?$/.exec(word) ?? [];
      const [task, ask] = [Number(id), waiting.get(Number(id))];
      if (what === undefined || ask === undefined) continue;
      waiting.delete(task);
      if (what === 'reject') continue;
      if (lane === 'long') onStart(ask, new Set(waiting.values()));
      // One that is tried as a short one has no place of the long lane: it is over before it could take one.
      const runMs = RUN_MS[ask.key] ?? 0;
      running.set(task, { endMs: machine.nowMs + (lane === 'long' ? runMs : 0), runMs });
    }
  };
  const passUntil = (untilMs: number): void => {
    for (;;) {
      const [first] = [...running].toSorted(([, one], [, other]) => one.endMs - other.endMs);
      if (first === undefined || first[1].endMs > untilMs) break;
      const [task, { endMs, runMs }] = first;
      running.delete(task);
      hear(machine.pass(endMs - machine.nowMs));
      hear(machine.end(task, runMs));
    }
    hear(machine.pass(untilMs - machine.nowMs));
  };
  for (const [index, ask] of asks.entries()) {
    passUntil(beganMs + ask.atMs);
    const task = 1000 + index;
    waiting.set(task, ask);
    const { client, weight, priority } = ask;
    hear(machine.arrive(task, { key: String(ask.key), client: String(client), weight, priority }));
  }
  passUntil(machine.nowMs + queueTimeoutMs);
  assert.equal(waiting.size, 0, 'everybody has had a turn, or was told that there is none');
}

const QUEUE_TIMEOUT_MS = 10_000;
/** What a step of priority counts, and what run time puts a task back at most. */
const PRIORITY_STEP_MS = 1000;
const MOST_PUT_BACK_MS = QUEUE_TIMEOUT_MS / 2;

test('no task that waits for the long lane is passed by one of its client that came long after it, whatever both take', () => {
  const arrivals = fc.array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 1500 }),
      client: fc.integer({ min: 0, max: 2 }),
      key: fc.nat({ max: RUN_MS.length - 1 }),
      priority: fc.constantFrom(0, 0, 0, -2, 5),
    }),
    { minLength: 20, maxLength: 80 },
  );
  fc.assert(
    fc.property(arrivals, (list) => {
      let atMs = 0;
      const asks = list.map(({ gapMs, ...rest }): Ask => {
        atMs += gapMs;
        return { ...rest, atMs, weight: 1 + rest.client };
      });
      const ageOf = (ask: Ask): number => ask.atMs - ask.priority * PRIORITY_STEP_MS;
      run(asks, QUEUE_TIMEOUT_MS, (started, waiting) => {
        for (const ask of waiting) {
          const passedByMs = ageOf(started) - ageOf(ask);
          assert.ok(ask.client !== started.client || passedByMs <= MOST_PUT_BACK_MS, `passed by one ${passedByMs} ms younger`);
        }
      });
    }),
    { numRuns: 60 },
  );
});

test('as long as all of them wait, no client has more of the long lane than its weight says, but for three turns', () => {
  const clients = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 });
  const keys = fc.array(fc.nat({ max: 2 }), { minLength: 60, maxLength: 120 });
  fc.assert(
    fc.property(clients, keys, (weights, keyOf) => {
      const asks = keyOf.flatMap((key, index) =>
        weights.map((weight, client): Ask => ({ atMs: index, client, weight, key, priority: 0 })),
      );
      const turns = weights.map(() => 0);
      run(asks, 1e9, (started, waiting) => {
        const areAllThere = new Set([...waiting].map(({ client }) => client)).size === weights.length;
        // Before that some of them could not have had a turn.
        if (!areAllThere || started.atMs === 0) return;
        turns[started.client] = (turns[started.client] ?? 0) + 1;
        const all = turns.reduce((sum, count) => sum + count, 0);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [client, weight] of weights.entries()) {
          const share = (all * weight) / total;
          assert.ok(
            Math.abs((turns[client] ?? 0) - share) <= 3,
            `client ${client} had ${turns[client]} of ${all} turns, and ${share} are its share`,
          );
        }
      });
    }),
    { numRuns: 40 },
  );
});
