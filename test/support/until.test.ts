import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './until.ts';

test('resolves with the first truthy value', async () => {
  const seen = [0, '', null, false, 'now', 'later'];
  assert.equal(await until(() => seen.shift(), { describe: 'a value' }), 'now');
  assert.deepEqual(seen, ['later']);
});

test('takes a condition that throws for one that does not hold yet', async () => {
  let turns = 0;
  const condition = () => {
    turns++;
    assert.equal(turns, 3);
    return 'third';
  };
  assert.equal(await until(condition, { describe: 'the third turn' }), 'third');
});

test('fails with what it waited for and what it saw last', async () => {
  let turns = 0;
  const waiting = until(() => ((turns += 1), null), {
    describe: () => `the end of ${turns > 0 ? 'time' : 'nothing'}`,
    withinMs: 30,
  });
  await assert.rejects(waiting, { message: 'waited 30 ms for the end of time; last seen: null' });
  assert.ok(turns > 1, `the condition was tried ${turns} times`);
});

test('fails with the error that the condition threw last', async () => {
  const cause = new RangeError('too far');
  const failed = until(() => Promise.reject(cause), { describe: 'a place', withinMs: 20 });
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^waited 20 ms for a place; last seen: the condition threw: RangeError: too far/);
    assert.equal(error.cause, cause);
    return true;
  });
});

test('fails in time when the condition itself hangs', async () => {
  const hung = until(() => new Promise<boolean>(() => undefined), { describe: 'an answer', withinMs: 20 });
  await assert.rejects(hung, {
    message: 'waited 20 ms for an answer; last seen: nothing, for the condition itself did not settle',
  });
});
