import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueQueue } from '../../src/scheduler/due-queue.ts';

const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), dueMs: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('remove' as const), id: fc.integer({ min: 1, max: 40 }) }),
);

test('ids come out by due time, those of one time in the order in which they came, whatever is removed meanwhile', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = new DueQueue();
      let model: { id: number; dueMs: number }[] = [];
      let nextId = 1;
      for (const action of steps) {
        if (action.do === 'add') {
          queue.add(nextId, action.dueMs);
          model.push({ id: nextId, dueMs: action.dueMs });
          // Stable: equals stay as they came.
          model = model.toSorted((a, b) => a.dueMs - b.dueMs);
          nextId += 1;
        } else if (action.do === 'take') {
          assert.equal(queue.take(), model.shift()?.id);
        } else {
          assert.equal(
            queue.remove(action.id),
            model.some(({ id }) => id === action.id),
          );
          model = model.filter(({ id }) => id !== action.id);
        }
        assert.equal(queue.size, model.length);
        assert.equal(queue.peek(), model[0]?.id);
        assert.ok(model.every(({ id }) => queue.has(id)));
      }
    }),
  );
});
