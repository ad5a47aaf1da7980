import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Row } from '../../src/scheduler/row.ts';

interface Item {
  readonly id: number;
  hasLeft: boolean;
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: 'add' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), place: fc.nat(200) }) },
);

test('the first and the last one are those of who is left, whoever left before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const row = new Row<Item>();
      const model: Item[] = [];
      for (const [id, action] of steps.entries()) {
        const item = { id, hasLeft: false };
        if (action.do === 'add') {
          row.add(item);
          model.push(item);
        } else if (model.length > 0) {
          const [gone = item] = model.splice(action.place % model.length, 1);
          row.remove(gone);
        }
        assert.equal(row.size, model.length);
        assert.equal(row.first, model[0]);
        // Not each time: to ask for the last one tidies up.
        if (id % 3 === 0) assert.equal(row.last, model.at(-1));
      }
    }),
    { numRuns: 200 },
  );
});
