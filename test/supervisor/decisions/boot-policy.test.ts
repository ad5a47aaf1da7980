import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterFailure,
  bootsAllowed,
  FAILURES_TO_PAUSE,
  isPaused,
  NO_FAILURES,
  PAUSE_MS,
  type BootRecord,
} from '../../../src/supervisor/decisions/boot-policy.ts';

const NOW_MS = 10_000;

function failed(times: number): BootRecord {
  let record = NO_FAILURES;
  for (let index = 0; index < times; index += 1) record = afterFailure(record, NOW_MS);
  return record;
}

test('without failures every boot that is wanted is allowed, however many are under way', () => {
  assert.equal(bootsAllowed(NO_FAILURES, 3, 0, NOW_MS), 3);
  assert.equal(bootsAllowed(NO_FAILURES, 3, 5, NOW_MS), 3);
  assert.equal(bootsAllowed(NO_FAILURES, 0, 0, NOW_MS), 0);
});

test('each failure doubles the wait, the fifth pauses boots, and those after it keep to the pause', () => {
  const waits = [1, 2, 3, 4, 5, 6, 100].map((times) => failed(times).notBeforeMs - NOW_MS);
  assert.deepEqual(waits, [100, 200, 400, 800, PAUSE_MS, PAUSE_MS, PAUSE_MS]);
  assert.equal(FAILURES_TO_PAUSE, 5);
  assert.deepEqual(
    [0, 1, 4, 5, 6].map((times) => isPaused(failed(times))),
    [false, false, false, true, true],
  );
});

test('no boot is allowed before the wait is over, and one at a time after it', () => {
  for (const times of [1, 4, 5, 9]) {
    const record = failed(times);
    assert.equal(bootsAllowed(record, 3, 0, record.notBeforeMs - 1), 0);
    assert.equal(bootsAllowed(record, 3, 0, record.notBeforeMs), 1);
    assert.equal(bootsAllowed(record, 3, 1, record.notBeforeMs), 0);
    assert.equal(bootsAllowed(record, 3, 2, record.notBeforeMs), 0);
    assert.equal(bootsAllowed(record, 0, 0, record.notBeforeMs), 0);
  }
});
