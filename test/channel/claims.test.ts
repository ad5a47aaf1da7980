import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { CLAIM_SLOTS, Claims } from '../../src/channel/claims.ts';
import { holds } from './holds.ts';

/** The ends of the 31 bits, and where a sign could get in the way. */
const EDGES = [1, 2, 2 ** 15, 2 ** 16, 2 ** 30 - 1, 2 ** 30, 2 ** 30 + 1, 2 ** 31 - 2, 2 ** 31 - 1];
const SLOTS = [0, 1, CLAIM_SLOTS - 1];

const anyTask = fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: 1, max: 2 ** 31 - 1 }));
const anyStep = fc.record({
  slot: fc.constantFrom(...SLOTS),
  act: fc.constantFrom('start' as const, 'revoke' as const, 'next' as const, 'again' as const),
  task: anyTask,
});

/** What is known of the task that has a slot. */
interface Tenant {
  task: number;
  asked: boolean;
  looked: boolean;
  decided: 'started' | 'revoked' | undefined;
}

/** A main thread and its other side, who see the same memory and ask once each. */
class Pair {
  readonly #main = new Claims();
  readonly #other = new Claims(this.#main.memory);
  readonly #tenants = new Map<number, Tenant>();

  start(slot: number): void {
    const tenant = this.#tenants.get(slot);
    if (tenant === undefined || tenant.looked) return;
    tenant.looked = true;
    tenant.decided ??= 'started';
    assert.equal(this.#main.start(slot, tenant.task), tenant.decided === 'started');
  }

  revoke(slot: number): void {
    const tenant = this.#tenants.get(slot);
    if (tenant === undefined || tenant.asked) return;
    tenant.asked = true;
    tenant.decided ??= 'revoked';
    assert.equal(this.#other.revoke(slot, tenant.task), tenant.decided === 'revoked');
  }

  /** The slot is given away when the main thread is done with it: to another task, or to one that was taken back and is sent again. */
  next(slot: number, task: number): void {
    const before = this.#tenants.get(slot);
    if (before !== undefined && (!before.looked || (before.task === task && before.decided !== 'revoked'))) return;
    this.#tenants.set(slot, { task, asked: false, looked: false, decided: undefined });
  }

  again(slot: number): void {
    this.next(slot, this.#tenants.get(slot)?.task ?? 1);
  }
}

suite('claims', () => {
  test('a task is started or taken back, and both sides know, in whatever order they ask, and whatever had the slot before', () => {
    holds(
      fc.property(fc.array(anyStep, { maxLength: 120, size: 'max' }), (steps) => {
        const pair = new Pair();
        for (const { act, slot, task } of steps) {
          if (act === 'next') pair.next(slot, task);
          else pair[act](slot);
        }
      }),
      2000,
    );
  });

  test('ids at both ends of the 31 bits are told apart in one slot', () => {
    for (const first of EDGES) {
      for (const second of EDGES.filter((task) => task !== first)) {
        const claims = new Claims();
        assert.equal(claims.revoke(7, first), true);
        assert.equal(claims.start(7, second), true, `${second} after ${first}`);
        assert.equal(claims.revoke(7, second), false);
        assert.equal(claims.revoke(7, first), true, `${first} after ${second}`);
        assert.equal(claims.start(7, first), false);
      }
    }
  });

  test('a task that was taken back and passed over can be sent again in the same slot', () => {
    const claims = new Claims();
    for (let times = 0; times < 3; times += 1) {
      assert.equal(claims.revoke(0, 5), true);
      assert.equal(claims.start(0, 5), false);
    }
    assert.equal(claims.start(0, 5), true);
    assert.equal(claims.revoke(0, 5), false);
  });

  for (const [name, backwards] of [
    ['side by side', 0],
    ['towards each other', 1],
  ] as const) {
    test(`two threads that go through all slots ${name} never both get a task, and one of them always does`, async () => {
      const { started, revoked } = await race(300, backwards);
      let wins = 0;
      for (const [index, won] of started.entries()) {
        assert.equal(won + (revoked[index] ?? 0), 1, `slot ${index % CLAIM_SLOTS} in round ${Math.floor(index / CLAIM_SLOTS)}`);
        wins += won;
      }
      // Else it was no race.
      assert.ok(wins > 0 && wins < started.length, `the main thread won ${wins} of ${started.length}`);
    });
  }
});

/** One side of a race. It waits for the other one before each round, and spins first, so that both begin in the same moment. */
const RACER = `
const { workerData, parentPort } = require('node:worker_threads');
const { url, memory, gate, won, rounds, slots, side, backwards } = workerData;
import(url).then(({ Claims }) => {
  const claims = new Claims(memory);
  for (let round = 0; round < rounds; round += 1) {
    const goal = 2 * (round + 1);
    if (Atomics.add(gate, 0, 1) + 1 === goal) Atomics.notify(gate, 0);
    for (let spins = 0; Atomics.load(gate, 0) < goal; spins += 1) {
      const seen = Atomics.load(gate, 0);
      if (spins > 20_000 && seen < goal) Atomics.wait(gate, 0, seen);
    }
    for (let index = 0; index < slots; index += 1) {
      const slot = backwards === 1 && side === 'revoke' ? slots - 1 - index : index;
      const place = round * slots + slot;
      won[place] = claims[side](slot, 2 ** 31 - 1 - place) ? 1 : 0;
    }
  }
  parentPort.postMessage('done');
});
`;

async function race(rounds: number, backwards: 0 | 1): Promise<{ started: Uint8Array; revoked: Uint8Array }> {
  const { memory } = new Claims();
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const url = new URL('../../src/channel/claims.js', import.meta.url).href;
  const [started, revoked] = await Promise.all(
    (['start', 'revoke'] as const).map(async (side) => {
      const won = new Uint8Array(new SharedArrayBuffer(rounds * CLAIM_SLOTS));
      const workerData = { url, memory, gate, won, rounds, slots: CLAIM_SLOTS, side, backwards };
      const racer = new Worker(RACER, { eval: true, workerData });
      const exited = once(racer, 'exit');
      await once(racer, 'message');
      await exited;
      return won;
    }),
  );
  assert.ok(started !== undefined && revoked !== undefined);
  return { started, revoked };
}
