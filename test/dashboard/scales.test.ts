import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decadesFor, heightOf, spread } from '../../dashboard/lab/scales.ts';

test('the drawing reaches from 1 ms to 1 s, and further where a value needs it', () => {
  assert.deepEqual(decadesFor([]), { low: 0, high: 3 });
  assert.deepEqual(decadesFor([1.4, 900]), { low: 0, high: 3 });
  assert.deepEqual(decadesFor([0.4, 7700]), { low: -1, high: 4 });
  assert.deepEqual(decadesFor([0]), { low: 0, high: 3 }, 'what is measured as nothing has no logarithm');
});

test('each decade is as high as any other', () => {
  const decades = decadesFor([1, 10_000]);
  assert.deepEqual(
    [1, 10, 100, 1000, 10_000].map((ms) => heightOf(ms, decades)),
    [0, 0.25, 0.5, 0.75, 1],
  );
  assert.equal(heightOf(0, decades), 0);
});

test('labels keep their order and a distance, stay in the drawing, and move no further than they must', () => {
  assert.deepEqual(spread([10, 100, 200], 16, 300), [10, 100, 200]);
  assert.deepEqual(spread([100, 100, 20], 16, 300), [100, 116, 20]);
  assert.deepEqual(spread([300, 295], 16, 300), [300, 284]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 5 }), (places) => {
      const labels = spread(places, 16, 300);
      const order = places
        .map((_, index) => index)
        .toSorted((one, other) => (places[one] ?? 0) - (places[other] ?? 0) || one - other);
      for (const [rank, index] of order.entries()) {
        const label = labels[index] ?? Number.NaN;
        assert.ok(label <= 300 + 1e-9);
        const before = order[rank - 1];
        if (before !== undefined) assert.ok(label - (labels[before] ?? Number.NaN) >= 16 - 1e-9);
      }
    }),
  );
});
