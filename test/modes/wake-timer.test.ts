import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WakeTimer } from '../../src/modes/wake-timer.ts';

test('rings at the earliest time that it was told, not before, and once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let rings = 0;
  const timer = new WakeTimer(() => (rings += 1), globalThis);
  timer.set(1100.5, 1000);
  timer.set(1050.5, 1000);
  timer.set(1200, 1000);
  timer.set(undefined, 1000);
  t.mock.timers.tick(50);
  assert.equal(rings, 0);
  t.mock.timers.tick(1);
  assert.equal(rings, 1);
  t.mock.timers.tick(1000);
  assert.equal(rings, 1);
});

test('a time that is over rings at once, and one that is set while it rings is kept', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const rings: number[] = [];
  let nowMs = 1000;
  const timer = new WakeTimer(() => {
    rings.push(nowMs);
    if (rings.length === 1) timer.set(nowMs + 30, nowMs);
  }, globalThis);
  timer.set(900, nowMs);
  t.mock.timers.tick(1);
  assert.deepEqual(rings, [1000]);
  nowMs = 1030;
  t.mock.timers.tick(30);
  assert.deepEqual(rings, [1000, 1030]);
});

test('after the close it never rings', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const timer = new WakeTimer(() => assert.fail('it rang'), globalThis);
  timer.set(1010, 1000);
  timer.close();
  timer.set(1020, 1000);
  t.mock.timers.tick(100);
});
