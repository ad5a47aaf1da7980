import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { LONGEST_MS } from '../../src/config/duration.ts';
import { elapsedMs, monotonicMs, Pulse } from '../../src/worker/pulse.ts';
import { holds } from '../channel/holds.ts';

/** A time as it is kept: the low 32 bits of a clock that goes on for ever. */
const kept = (ms: number): number => Number(BigInt.asIntN(32, BigInt(ms)));
/** Long enough for the clock to have wrapped more than once. */
const anyTimeMs = fc.nat(2 ** 40);

suite('times of 32 bits', () => {
  test('their difference is right across every wrap, as far as the longest deadline', () => {
    holds(
      fc.property(anyTimeMs, fc.integer({ min: -LONGEST_MS, max: LONGEST_MS }), (startMs, laterMs) => {
        assert.equal(elapsedMs(kept(startMs + laterMs), kept(startMs)), laterMs);
      }),
      5000,
    );
  });

  test('right at the wraps', () => {
    for (const wrapMs of [2 ** 31, 2 ** 32, 3 * 2 ** 31]) {
      assert.equal(elapsedMs(kept(wrapMs + 5), kept(wrapMs - 5)), 10);
      assert.equal(elapsedMs(kept(wrapMs - 5), kept(wrapMs + 5)), -10);
      assert.equal(elapsedMs(kept(wrapMs), kept(wrapMs)), 0);
    }
  });

  test('are those of the machine, and the same in every thread', async () => {
    const before = monotonicMs();
    const worker = new Worker(
      "require('node:worker_threads').parentPort.postMessage(Number(BigInt.asIntN(32, process.hrtime.bigint() / 1000000n)))",
      { eval: true },
    );
    const [there] = (await once(worker, 'message')) as [number];
    const after = monotonicMs();
    assert.ok(elapsedMs(there, before) >= 0 && elapsedMs(after, there) >= 0);
    assert.ok(Number.isInteger(before) && elapsedMs(after, before) < 60_000);
  });
});

suite('Pulse', () => {
  test('a round is answered by the pong after it, and not by the one before', () => {
    const watchdog = new Pulse();
    const main = new Pulse(watchdog.memory);
    main.pong();
    const round = watchdog.ping();
    assert.equal(watchdog.answeredAtMs(round), undefined);
    const before = monotonicMs();
    main.pong();
    const answeredAtMs = watchdog.answeredAtMs(round);
    assert.ok(answeredAtMs !== undefined && elapsedMs(answeredAtMs, before) >= 0);
    assert.equal(watchdog.answeredAtMs(watchdog.ping()), undefined);
  });

  test('the overdue time of a deadline grows from zero, and is zero where none is set', () => {
    holds(
      fc.property(
        anyTimeMs,
        fc.integer({ min: 0, max: LONGEST_MS }),
        fc.integer({ min: 0, max: 100_000 }),
        (nowMs, deadlineMs, lateMs) => {
          const main = new Pulse();
          const watchdog = new Pulse(main.memory);
          assert.equal(watchdog.overdueMs(kept(nowMs)), 0);
          // As mode cluster does it: the sum may leave the 32 bits.
          main.setDeadline(kept(nowMs) + deadlineMs);
          assert.ok(watchdog.overdueMs(kept(nowMs)) <= 0, 'a deadline that lies ahead is not over');
          assert.equal(watchdog.overdueMs(kept(nowMs + deadlineMs + lateMs)), lateMs);
          main.setDeadline(undefined);
          assert.equal(watchdog.overdueMs(kept(nowMs + deadlineMs + lateMs)), 0);
        },
      ),
      2000,
    );
  });
});
