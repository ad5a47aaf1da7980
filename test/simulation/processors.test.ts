import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Processors } from '../../simulation/machine/processors.ts';

/** Lets the next burst end. @returns who, and when */
function next(processors: Processors): [id: number | undefined, atMs: number] {
  const atMs = processors.nextMs;
  return [processors.take(atMs), Math.round(atMs * 1000) / 1000];
}

test('nobody gets more than one CPU', () => {
  const processors = new Processors(4, 0.1);
  processors.begin(1, 10, 'normal', 0);
  assert.deepEqual(next(processors), [1, 10]);
  assert.deepEqual(next(processors), [undefined, Number.POSITIVE_INFINITY]);
});

test('those that compute at once share the CPUs as equals', () => {
  const processors = new Processors(2, 0.1);
  for (const id of [1, 2, 3, 4]) processors.begin(id, 10 * id, 'normal', 0);
  // Half a CPU each until the first is done; then two thirds, then one each.
  assert.deepEqual(next(processors), [1, 20]);
  assert.deepEqual(next(processors), [2, 35]);
  assert.deepEqual(next(processors), [3, 45]);
  assert.deepEqual(next(processors), [4, 55]);
});

test('who comes later takes its share from then on, and who stops leaves it', () => {
  const processors = new Processors(1, 0.1);
  processors.begin(1, 10, 'normal', 0);
  processors.begin(2, 10, 'normal', 5);
  assert.equal(processors.usedMs(1, 9), 7);
  processors.stop(2, 9);
  assert.deepEqual(next(processors), [1, 12]);
});

test('the demoted get what is left, and the floor when nothing is', () => {
  const processors = new Processors(2, 0.1);
  processors.begin(1, 100, 'normal', 0);
  processors.begin(2, 30, 'demoted', 0);
  assert.deepEqual(next(processors), [2, 30]);
  processors.begin(3, 100, 'normal', 30);
  processors.begin(4, 2, 'demoted', 30);
  processors.begin(5, 100, 'demoted', 30);
  // A tenth of two CPUs, for two of them.
  assert.deepEqual(next(processors), [4, 50]);
});

test('a burst keeps what it got when its priority changes', () => {
  const processors = new Processors(1, 0.1);
  processors.begin(1, 20, 'normal', 0);
  processors.begin(2, 100, 'normal', 0);
  processors.setLevel(1, 'demoted', 10);
  assert.equal(processors.usedMs(1, 10), 5);
  assert.equal(Math.round(processors.usedMs(1, 20)), 6);
  processors.setLevel(1, 'normal', 20);
  assert.deepEqual(next(processors), [1, 48]);
});

test('no CPU time is lost or made: what all get is what there is', () => {
  const processors = new Processors(2, 0.25);
  for (let id = 0; id < 10; id += 1) processors.begin(id, 1000, id % 2 === 0 ? 'normal' : 'demoted', 0);
  const used = Array.from({ length: 10 }, (_, id) => processors.usedMs(id, 100));
  assert.ok(Math.abs(used.reduce((sum, ms) => sum + ms, 0) - 200) < 1e-9);
  assert.ok(Math.abs(processors.normalMs(100) - 150) < 1e-9);
});

test('a process does one thing at a time', () => {
  const processors = new Processors(1, 0.1);
  processors.begin(1, 10, 'normal', 0);
  assert.throws(() => processors.begin(1, 10, 'normal', 5), /process 1 computes already/);
});
