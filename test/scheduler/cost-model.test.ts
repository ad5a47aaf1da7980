import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CostModel } from '../../src/scheduler/cost-model.ts';

const QUANTUM_MS = 50;
const [SHORT_MS, LONG_MS] = [1, 1000];

function learn(model: CostModel, key: string, runMs: number, times = 1): void {
  for (let count = 0; count < times; count += 1) model.learn(key, runMs);
}

/** The lanes of the next eight tasks: one of them is a probe where the key is expected to be long. */
function nextEight(model: CostModel, key: string): string[] {
  return Array.from({ length: 8 }, () => model.expect(key).lane);
}

test('nothing is known of a new key, so its tasks are short', () => {
  assert.deepEqual(new CostModel(QUANTUM_MS).expect('new'), { lane: 'short', brief: false, steady: false, runMs: 0 });
});

test('a key is long after 32 long runs and no other, and one of eight of its tasks is tried as a short one', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'key', LONG_MS, 31);
  assert.deepEqual(new Set(nextEight(model, 'key')), new Set(['short']));
  learn(model, 'key', LONG_MS);
  assert.deepEqual(nextEight(model, 'key').toSorted(), [...Array<string>(7).fill('long'), 'short']);
  assert.equal(model.expect('key').runMs, LONG_MS);
});

test('one short run is enough to believe that a key has turned, and then it takes 256 long ones in a row', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'key', LONG_MS, 100);
  learn(model, 'key', QUANTUM_MS);
  assert.equal(model.expect('key').lane, 'short');
  learn(model, 'key', LONG_MS, 255);
  assert.deepEqual(new Set(nextEight(model, 'key')), new Set(['short']));
  learn(model, 'key', LONG_MS);
  assert.ok(nextEight(model, 'key').includes('long'));
});

test('a key that is short at least once in 256 runs is never taken for long', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 12 }), (streaks) => {
      const model = new CostModel(QUANTUM_MS);
      for (const streak of streaks) {
        learn(model, 'key', SHORT_MS);
        for (let count = 0; count < streak; count += 1) {
          assert.equal(model.expect('key').lane, 'short');
          model.learn('key', LONG_MS);
        }
        assert.equal(model.expect('key').lane, 'short');
      }
    }),
    { numRuns: 50 },
  );
});

test('a key that is short now and then is taken for long a dozen times, and then no more: each time it takes twice as many', () => {
  const model = new CostModel(QUANTUM_MS);
  let mistakes = 0;
  // One in 400 is short: more long ones than it takes at first come in a row all the time.
  for (let run = 0; run < 1_000_000; run += 1) {
    const isShort = run % 400 === 0;
    if (isShort && nextEight(model, 'key').includes('long')) mistakes += 1;
    model.learn('key', isShort ? SHORT_MS : LONG_MS);
  }
  assert.equal(mistakes, 1);
  learn(model, 'other', SHORT_MS);
  for (const needed of [256, 512, 1024]) {
    learn(model, 'other', LONG_MS, needed - 1);
    assert.deepEqual(new Set(nextEight(model, 'other')), new Set(['short']));
    learn(model, 'other', LONG_MS);
    assert.ok(nextEight(model, 'other').includes('long'));
    learn(model, 'other', SHORT_MS, 3);
  }
});

test('a key is brief after 32 runs of at most 5 ms', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'key', 5, 31);
  assert.equal(model.expect('key').brief, false);
  learn(model, 'key', 5);
  assert.deepEqual(model.expect('key'), { lane: 'short', brief: true, steady: false, runMs: 5 });
});

test('a longer run counts against 16 brief ones, and no more than 64 of those are remembered', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'key', 5, 1000);
  learn(model, 'key', 6, 2);
  assert.equal(model.expect('key').brief, true);
  learn(model, 'key', 6);
  assert.equal(model.expect('key').brief, false);
  learn(model, 'key', 5, 16);
  assert.equal(model.expect('key').brief, true);
});

test('a key is steady after 1000 brief runs in a row, and one longer run ends that', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'key', 5, 999);
  assert.equal(model.expect('key').steady, false);
  learn(model, 'key', 5);
  assert.equal(model.expect('key').steady, true);
  learn(model, 'key', 6);
  learn(model, 'key', 5, 999);
  const { brief, steady } = model.expect('key');
  assert.deepEqual({ brief, steady }, { brief: true, steady: false });
});

test('a key of which one run in 16 is long is not brief for long', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'key', SHORT_MS, 1000);
  for (let round = 0; round < 40; round += 1) {
    learn(model, 'key', LONG_MS);
    learn(model, 'key', SHORT_MS, 15);
  }
  assert.equal(model.expect('key').brief, false);
});

test('what is learned of one key says nothing of another', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'long', LONG_MS, 300);
  assert.equal(model.expect('other').lane, 'short');
});

test('the number of keys is bounded: the one that was not seen for longest is forgotten', () => {
  const model = new CostModel(QUANTUM_MS);
  learn(model, 'old', LONG_MS, 300);
  learn(model, 'kept', LONG_MS, 300);
  for (let key = 0; key < 5000; key += 1) {
    model.learn(`key ${key}`, SHORT_MS);
    model.learn('kept', LONG_MS);
  }
  assert.equal(model.keyCount, 1024);
  assert.deepEqual(model.expect('old'), { lane: 'short', brief: false, steady: false, runMs: 0 });
  assert.ok(nextEight(model, 'kept').includes('long'));
});
