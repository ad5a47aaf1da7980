import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../../bench/measure/cell.ts';
import { goalsOf } from '../../bench/report/goals.ts';
import { cell, measured, results } from './made-up-results.ts';

test('goals are met, missed or not measured', () => {
  const met = goalsOf(results([cell('prefork-pool', 0, measured([1])), cell('prefork-pool', 8, measured([1.1]))]));
  const missed = goalsOf(results([cell('prefork-pool', 0, measured([1])), cell('prefork-pool', 8, measured([2.1]))]));
  const never = goalsOf(results([cell('prefork-pool', 0, measured([1])), cell('prefork-pool', 8, { kind: 'never', run: true })]));
  const p50 = (goals: typeof met): boolean | null | undefined => goals.find(({ goal }) => goal.includes('p50 of'))?.met;
  assert.deepEqual([p50(met), p50(missed), p50(never)], [true, false, false]);
  assert.equal(met.find(({ goal }) => goal.startsWith('two long'))?.met, null);
});

test('a goal is missed when something was not answered, however quick the rest was', () => {
  const goals = goalsOf(results([cell('prefork-pool', 0, measured([1])), cell('prefork-pool', 8, measured([1], 1))]));
  const goal = goals.find(({ goal: text }) => text.includes('p50 of'));
  assert.deepEqual([goal?.measured, goal?.met], ['1.00; 1 unanswered', false]);
});

test('prefork is compared with the best peer, and references do not count as one', () => {
  const cells = [cell('prefork-pool', 0, measured([2])), cell('bare', 0, measured([1])), cell('go', 0, measured([0.5]))];
  const goal = goalsOf(results(cells)).find(({ goal: text }) => text.includes('best peer'));
  assert.deepEqual([goal?.measured, goal?.met], ['2.00 times bare', false]);
});

test('a goal is not measured where one of the two that it compares was not asked for', () => {
  const goals = goalsOf(results([cell('prefork-pool', 8, measured([1])), cell('bare', 0, measured([1]))]));
  assert.deepEqual(goals.find(({ goal: text }) => text.includes('p50 of'))?.met, null);
});

test('references are a goal where they were measured in the same run', () => {
  const own = cell('prefork-pool', 8, measured([2]));
  assert.deepEqual(besides([own]), [null, null]);
  assert.deepEqual(besides([own, cell('go', 8, measured([40])), cell('erlang', 8, measured([2]))]), [true, true]);
  assert.deepEqual(besides([own, cell('go', 8, measured([2])), cell('erlang', 8, measured([1.9]))]), [false, false]);
  assert.deepEqual(besides([own, cell('go', 8, { kind: 'never', run: true })]), [true, null]);
  assert.deepEqual(besides([own, cell('go', 8, { kind: 'failed', why: 'it does not start' })]), [null, null]);
  assert.deepEqual(besides([cell('prefork-pool', 8, measured([2], 1)), cell('go', 8, measured([40]))]), [false, null]);
  assert.deepEqual(besides([cell('prefork-pool', 8, { kind: 'never', run: true }), cell('go', 8, measured([40]))]), [
    false,
    null,
  ]);
  const go = goalsOf(results([own, cell('go', 8, measured([40]))])).find(({ goal }) =>
    goal.includes("p50 of the short ones is below Go's"),
  );
  assert.equal(go?.measured, '0.05 times go');
});

/** Whether p50 with 8 long ones stands as it should beside Go's and beside Erlang's. */
function besides(cells: readonly Cell[]): readonly (boolean | null | undefined)[] {
  const goals = goalsOf(results(cells));
  return ["Go's", "Erlang's"].map((whose) => goals.find(({ goal }) => goal.includes('p50') && goal.endsWith(whose))?.met);
}
