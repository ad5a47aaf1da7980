import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ObservedMemory } from '../../src/supervisor/observed-memory.ts';

const MB = 1024 ** 2;

test('counts all as the handler’s when nobody looked', () => {
  const memory = new ObservedMemory();
  assert.equal(memory.measure(100 * MB, false), 100 * MB);
  assert.equal(memory.measure(900 * MB, false), 900 * MB);
  assert.equal(memory.isSpoilt, false);
});

test('counts what was held before for as long as a look goes on, and leaves out what it left behind', () => {
  const memory = new ObservedMemory();
  memory.begin(100 * MB);
  assert.equal(memory.measure(2500 * MB, true), 100 * MB);
  assert.equal(memory.isSpoilt, false);
  assert.equal(memory.measure(2400 * MB, false), 100 * MB);
  assert.equal(memory.isSpoilt, true);
  assert.equal(memory.measure(2450 * MB, false), 150 * MB, 'what the handler takes after it is its own');
});

test('does not take a worker for spoilt that gave the memory back', () => {
  const memory = new ObservedMemory();
  memory.begin(100 * MB);
  memory.measure(300 * MB, true);
  assert.equal(memory.measure(110 * MB, false), 100 * MB);
  assert.equal(memory.isSpoilt, false);
});

test('takes a worker that was never measured for what it is found to be first', () => {
  const memory = new ObservedMemory();
  memory.begin(0);
  assert.equal(memory.measure(140 * MB, true), 140 * MB);
  assert.equal(memory.measure(800 * MB, true), 140 * MB);
  assert.equal(memory.measure(600 * MB, false), 140 * MB);
  assert.equal(memory.isSpoilt, true);
});

test('counts nothing as left behind when nothing was measured before the end', () => {
  const memory = new ObservedMemory();
  memory.begin(0);
  assert.equal(memory.measure(300 * MB, false), 300 * MB);
  assert.equal(memory.isSpoilt, false);
});

test('two looks one after the other leave what the second one left', () => {
  const memory = new ObservedMemory();
  memory.begin(100 * MB);
  memory.measure(400 * MB, false);
  memory.begin(400 * MB);
  memory.measure(500 * MB, true);
  assert.equal(memory.measure(420 * MB, false), 120 * MB);
});
