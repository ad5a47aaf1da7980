import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LentMemory } from '../../src/channel/lent-memory.ts';
import { ANSWER_WINDOW_BYTES } from '../../src/channel/messages.ts';

test('memory that was given back is lent again, and only then', () => {
  const memory = new LentMemory();
  const [first, second] = [memory.lend(100), memory.lend(ANSWER_WINDOW_BYTES)];
  assert.deepEqual([first.length, second.length], [100, ANSWER_WINDOW_BYTES]);
  assert.notEqual(first.buffer, second.buffer);
  memory.giveBack(first.subarray(10, 20));
  const third = memory.lend(ANSWER_WINDOW_BYTES);
  assert.equal(third.buffer, first.buffer);
  assert.equal(third.length, ANSWER_WINDOW_BYTES);
});

test('what is given back twice is not lent to two', () => {
  const memory = new LentMemory();
  const first = memory.lend(1);
  memory.giveBack(first);
  memory.giveBack(first);
  assert.notEqual(memory.lend(1).buffer, memory.lend(1).buffer);
});

test('what was never lent stays with its owner', () => {
  const memory = new LentMemory();
  const foreign = Buffer.alloc(ANSWER_WINDOW_BYTES);
  memory.giveBack(foreign);
  assert.notEqual(memory.lend(1).buffer, foreign.buffer);
});

test('no more than eight pieces lie ready', () => {
  const memory = new LentMemory();
  const lent = Array.from({ length: 20 }, () => memory.lend(1));
  for (const piece of lent) memory.giveBack(piece);
  const again = new Set(Array.from({ length: 20 }, () => memory.lend(1).buffer));
  assert.equal(lent.filter(({ buffer }) => again.has(buffer)).length, 8);
});
