import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BUSY_AFTER_MS,
  DEMOTED_HUNG_AFTER_MS,
  HUNG_AFTER_MS,
  healthOf,
  type Health,
} from '../../../src/supervisor/decisions/health.ts';

const NOW_MS = 100_000;

const CASES: readonly [kind: 'process' | 'thread', silentMs: number, eventLoopDelayMs: number, expected: Health][] = [
  ['process', 0, 0, 'alive'],
  ['process', 0, BUSY_AFTER_MS - 1, 'alive'],
  ['process', 0, BUSY_AFTER_MS, 'busy'],
  ['process', HUNG_AFTER_MS - 1, 0, 'alive'],
  ['process', HUNG_AFTER_MS - 1, 60_000, 'busy'],
  // Its watchdog is silent too: what it said last does not count any more.
  ['process', HUNG_AFTER_MS, 0, 'hung'],
  ['process', HUNG_AFTER_MS, 60_000, 'hung'],
  ['thread', 0, 0, 'alive'],
  ['thread', 0, 60_000, 'alive'],
  ['thread', 2 * BUSY_AFTER_MS - 1, 0, 'alive'],
  ['thread', 2 * BUSY_AFTER_MS, 0, 'busy'],
  // A thread has no watchdog, so that its silence never says more than that it computes.
  ['thread', 10 * HUNG_AFTER_MS, 0, 'busy'],
];

for (const [kind, silentMs, eventLoopDelayMs, expected] of CASES) {
  test(`a ${kind} that was silent for ${silentMs} ms, its event loop late by ${eventLoopDelayMs} ms, is ${expected}`, () => {
    assert.equal(
      healthOf({ kind, lastHeartbeatMs: NOW_MS - silentMs, lastWordMs: 0, eventLoopDelayMs, demoted: false }, NOW_MS),
      expected,
    );
  });
}

test('a worker of lowered priority may be silent for longer: its watchdog runs when nobody else wants the CPU', () => {
  const silentFor = (ms: number): Health =>
    healthOf({ kind: 'process', lastHeartbeatMs: NOW_MS - ms, lastWordMs: 0, eventLoopDelayMs: 0, demoted: true }, NOW_MS);
  assert.equal(silentFor(HUNG_AFTER_MS), 'alive');
  assert.equal(silentFor(DEMOTED_HUNG_AFTER_MS - 1), 'alive');
  assert.equal(silentFor(DEMOTED_HUNG_AFTER_MS), 'hung');
});

test('a heartbeat that says less than the main thread has said since makes nobody busy', () => {
  const lastHeartbeatMs = NOW_MS - 100;
  const spokeAt = (lastWordMs: number): Health =>
    healthOf({ kind: 'process', lastHeartbeatMs, lastWordMs, eventLoopDelayMs: 600, demoted: false }, NOW_MS);
  assert.equal(spokeAt(lastHeartbeatMs - 600), 'busy');
  assert.equal(spokeAt(lastHeartbeatMs - 599), 'alive');
  assert.equal(spokeAt(NOW_MS), 'alive');
});

test('a thread that sends something need not send a heartbeat', () => {
  const spokeAt = (lastWordMs: number): Health =>
    healthOf({ kind: 'thread', lastHeartbeatMs: 0, lastWordMs, eventLoopDelayMs: 0, demoted: false }, NOW_MS);
  assert.equal(spokeAt(NOW_MS - 2 * BUSY_AFTER_MS), 'busy');
  assert.equal(spokeAt(NOW_MS - 2 * BUSY_AFTER_MS + 1), 'alive');
});
