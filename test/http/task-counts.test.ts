import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ERRORS, type ErrorCode } from '../../src/errors/codes.ts';
import {
  addCells,
  endAs,
  endedTasks,
  endOfError,
  openTasks,
  TASK_CELLS,
  TASK_ENDS,
  TaskCounts,
  timesOf,
  TIME_BOUNDS_MS,
  totalsOf,
} from '../../src/http/task-counts.ts';
import { STATUS } from '../../src/http/problem.ts';

const time = fc.double({ min: 0, max: 200_000, noNaN: true });
const ended = fc.record({
  end: fc.constantFrom(...TASK_ENDS),
  times: fc.option(fc.record({ queueMs: time, runMs: time }), { nil: undefined }),
});

test('whatever is counted adds up', () => {
  fc.assert(
    fc.property(fc.array(ended), fc.nat(20), (tasks, open) => {
      const counts = new TaskCounts(50);
      for (let count = 0; count < tasks.length + open; count += 1) counts.admit();
      for (const { end, times } of tasks) counts.end(end, times);
      const { admitted, ...ends } = totalsOf(counts.cells);
      assert.equal(admitted, tasks.length + open);
      for (const end of TASK_ENDS) assert.equal(ends[end], tasks.filter((task) => task.end === end).length);
      assert.deepEqual([openTasks(counts.cells), endedTasks(counts.cells)], [open, tasks.length]);
      const { short, long } = timesOf(counts.cells);
      const begun = tasks.flatMap(({ times }) => times ?? []);
      for (const [lane, isLong] of [
        [short, false],
        [long, true],
      ] as const) {
        const those = begun.filter(({ runMs }) => runMs > 50 === isLong);
        const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
        assert.equal(sum(lane.run.counts), those.length);
        assert.equal(sum(lane.queue.counts), those.length);
        assert.ok(Math.abs(lane.run.sumMs - sum(those.map(({ runMs }) => runMs))) < 1e-3);
      }
    }),
  );
});

test('a value that is a bound is in the bucket of that bound', () => {
  for (const [index, bound] of TIME_BOUNDS_MS.entries()) {
    const counts = new TaskCounts(1e9);
    counts.end('completed', { queueMs: bound, runMs: bound + 1e-6 });
    const { queue, run } = timesOf(counts.cells).short;
    assert.deepEqual([queue.counts.indexOf(1), run.counts.indexOf(1)], [index, index + 1]);
  }
});

test('fronts add up, and what is left open can be booked', () => {
  const [first, second] = [new TaskCounts(50), new TaskCounts(50)];
  for (const counts of [first, second, second]) counts.admit();
  second.end('failed', { queueMs: 1, runMs: 2 });
  const sum = new Float64Array(TASK_CELLS);
  addCells(sum, first.cells);
  addCells(sum, second.cells);
  assert.equal(openTasks(sum), 2);
  endAs(sum, 'crashed', openTasks(sum));
  assert.deepEqual(totalsOf(sum), { admitted: 3, completed: 0, failed: 1, crashed: 2, timedOut: 0, cancelled: 0, rejected: 0 });
});

test('each error that a client can get is an end of its kind', () => {
  const ends = Object.fromEntries(
    Object.keys(ERRORS)
      .filter((code) => Object.hasOwn(STATUS, code))
      .map((code) => [code, endOfError(code as ErrorCode, false)]),
  );
  assert.deepEqual(ends, {
    ERR_BAD_REQUEST: 'cancelled',
    ERR_REQUEST_TIMEOUT: 'cancelled',
    ERR_BODY_TOO_LARGE: 'cancelled',
    ERR_EXPECTATION_FAILED: 'cancelled',
    ERR_HEADERS_TOO_LARGE: 'cancelled',
    ERR_HANDLER_THREW: 'failed',
    ERR_HANDLER_RESPONSE: 'failed',
    ERR_WORKER_DIED: 'crashed',
    ERR_WORKER_PROTOCOL: 'crashed',
    ERR_DEADLINE: 'timedOut',
    ERR_QUEUE_FULL: 'rejected',
    ERR_QUEUE_TIMEOUT: 'rejected',
    ERR_LONG_LANE_FULL: 'rejected',
    ERR_NO_WORKER: 'rejected',
    ERR_SHUTTING_DOWN: 'rejected',
  });
  assert.equal(endOfError('ERR_SHUTTING_DOWN', true), 'cancelled');
});
