import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { IdMap } from '../../src/scheduler/id-map.ts';
import { holds } from '../channel/holds.ts';

/** Ids that meet in the same cells, and some that are far apart. */
const anyId = fc.oneof(
  fc.integer({ min: 1, max: 90 }),
  fc.integer({ min: 1, max: 12 }).map((each) => each * 64),
  fc.constant(0x7fff_ffff),
);

test('it holds what a Map would, whatever is set and deleted', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('set' as const, 'set' as const, 'delete' as const), anyId), { maxLength: 300 });
  holds(
    fc.property(steps, (all) => {
      const map = new IdMap<number>();
      const model = new Map<number, number>();
      for (const [index, [what, id]] of all.entries()) {
        if (what === 'set') {
          map.set(id, index);
          model.set(id, index);
        } else assert.equal(map.delete(id), model.delete(id));
        assert.equal(map.size, model.size);
        assert.equal(map.get(id), model.get(id));
      }
      for (const [id, value] of model) assert.equal(map.get(id), value);
      assert.deepEqual(
        [...map.values()].toSorted((a, b) => a - b),
        [...model.values()].toSorted((a, b) => a - b),
      );
    }),
    300,
  );
});

test('it grows with what it holds, and lets go of it', () => {
  const map = new IdMap<string>();
  for (let id = 1; id <= 100_000; id += 1) map.set(id, `task ${id}`);
  assert.equal(map.get(77_777), 'task 77777');
  for (let id = 1; id <= 100_000; id += 1) assert.equal(map.delete(id), true);
  assert.deepEqual([map.size, map.get(5), map.delete(5), [...map.values()]], [0, undefined, false, []]);
  map.set(5, 'again');
  assert.equal(map.get(5), 'again');
});
