import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IN_ORDER } from '../../src/scheduler/due-row.ts';
import { type InTurns, Turns } from '../../src/scheduler/turns.ts';

interface Item extends InTurns {
  readonly name: number;
}

/** Items that are named by the order in which they are added. */
class Added {
  readonly turns = new Turns<Item>();
  readonly items: Item[] = [];

  add({ client = '', weight = 1, dueMs = this.items.length }: Partial<Item> = {}): void {
    const turn = this.items.length;
    const item: Item = { name: turn, client, weight, dueMs, turn, place: IN_ORDER, hasLeft: false };
    this.items.push(item);
    this.turns.add(item);
  }

  remove(name: number): void {
    const item = this.items[name];
    assert.ok(item !== undefined);
    this.turns.remove(item);
  }

  take(): Item | undefined {
    const { first } = this.turns;
    assert.equal(this.turns.first, first, 'a question changes nothing');
    if (first !== undefined) this.turns.remove(first);
    return first;
  }

  takeAll(): number[] {
    const names: number[] = [];
    for (let item = this.take(); item !== undefined; item = this.take()) names.push(item.name);
    return names;
  }
}

test('of one client the one that is due first comes first, also when it came after somebody had asked', () => {
  const added = new Added();
  for (const dueMs of [30, 10, 20]) added.add({ dueMs });
  assert.equal(added.turns.first?.name, 1);
  added.add({ dueMs: 5 });
  assert.deepEqual(added.takeAll(), [3, 1, 2, 0]);
});

test("one client's hundred items do not hold up another's one", () => {
  const added = new Added();
  for (let count = 0; count < 100; count += 1) added.add({ client: 'many' });
  added.take();
  added.add({ client: 'one', dueMs: 5000 });
  assert.ok([added.take(), added.take()].some((item) => item?.client === 'one'));
});

test('clients that have a backlog get turns by their weights', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (weights) => {
      const added = new Added();
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [client, weight] of weights.entries())
        for (let count = 0; count < 2 * weight; count += 1) added.add({ client: `c${client}`, weight });
      const round = Array.from({ length: total }, () => added.take()?.client);
      for (const [client, weight] of weights.entries()) assert.equal(round.filter((one) => one === `c${client}`).length, weight);
    }),
  );
});

test('whatever leaves and comes meanwhile, a client that waits is not passed by more than the weights of the others', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('add' as const), client: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ type: fc.constant('take' as const) }),
    fc.record({ type: fc.constant('remove' as const), which: fc.nat() }),
  );
  const WEIGHTS = [1, 2, 3, 5];
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const added = new Added();
      const waiting = new Set<number>();
      /** Turns of others since the client had one, or began to wait. */
      const passed = new Map<string, number>();
      for (const one of steps) {
        if (one.type === 'add') {
          const client = `c${one.client}`;
          waiting.add(added.items.length);
          added.add({ client, weight: WEIGHTS[one.client] ?? 1 });
          if (!passed.has(client)) passed.set(client, 0);
        } else if (one.type === 'remove') {
          const name = [...waiting][one.which % Math.max(1, waiting.size)];
          if (name === undefined) continue;
          waiting.delete(name);
          added.remove(name);
        } else {
          const item = added.take();
          if (item === undefined) continue;
          waiting.delete(item.name);
          for (const [client, count] of passed) passed.set(client, client === item.client ? 0 : count + 1);
        }
        const clients = new Set([...waiting].map((name) => added.items[name]?.client));
        for (const [client, count] of passed) {
          if (!clients.has(client)) passed.delete(client);
          // Its own weight is one of eleven at least.
          else assert.ok(count <= 2 * 11, `${client} was passed ${count} times`);
        }
        assert.equal(added.turns.size, waiting.size);
      }
    }),
  );
});

test('what a client did not get beside others that have left is not made up for: it takes turns with whoever comes', () => {
  const added = new Added();
  for (let client = 0; client < 50; client += 1) added.add({ client: `gone ${client}`, weight: 10 });
  for (let count = 0; count < 100; count += 1) added.add({ client: 'old' });
  for (let count = 0; count < 50; count += 1) added.take();
  for (let count = 0; count < 10; count += 1) added.add({ client: 'new' });
  const turns = Array.from({ length: 10 }, () => added.take()?.client);
  assert.equal(turns.filter((client) => client === 'new').length, 5, turns.join(' '));
});

test('one that comes again and again with one item each gets no more turns than one with a backlog', () => {
  const added = new Added();
  for (let count = 0; count < 100; count += 1) added.add({ client: 'backlog' });
  const turns = Array.from({ length: 40 }, () => {
    if (!added.items.some(({ client, hasLeft }) => client === 'again' && !hasLeft)) added.add({ client: 'again', dueMs: 0 });
    return added.take()?.client;
  });
  assert.equal(turns.filter((client) => client === 'again').length, 20, turns.join(' '));
});

test('what is removed does not come out, and its client is forgotten with its last item', () => {
  const added = new Added();
  added.add({ client: 'a' });
  added.add({ client: 'b' });
  assert.equal(added.turns.first?.name, 0);
  added.remove(0);
  assert.deepEqual(added.takeAll(), [1]);
  assert.equal(added.turns.first, undefined);
  assert.equal(added.turns.size, 0);
});
