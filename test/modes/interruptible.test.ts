import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Interruptible } from '../../src/modes/interruptible.ts';

function withListener(t: TestContext): { isListening: () => boolean } {
  const listener = (): void => {};
  process.on('SIGTERM', listener);
  t.after(() => process.off('SIGTERM', listener));
  return { isListening: () => process.listeners('SIGTERM').includes(listener) };
}

test('while a handler computes, and in what follows in the same turn, a signal does what it does by default', async (t) => {
  const { isListening } = withListener(t);
  const interruptible = new Interruptible();
  assert.equal(interruptible.call(isListening), false);
  await Promise.resolve();
  assert.equal(isListening(), false);
  await nextTurn();
  assert.equal(isListening(), true);
});

test('whoever has an answer may send a signal at once, and it is listened to', async (t) => {
  const { isListening } = withListener(t);
  const interruptible = new Interruptible();
  interruptible.call(() => undefined);
  interruptible.answered();
  assert.equal(isListening(), true);
  await nextTurn();
  assert.equal(isListening(), true);
});

test('a handler that computes on behind the head of its answer can be interrupted until it returns', (t) => {
  const { isListening } = withListener(t);
  const interruptible = new Interruptible();
  const within = interruptible.call(() => {
    interruptible.answered();
    return isListening();
  });
  assert.deepEqual([within, isListening()], [false, true]);
});
