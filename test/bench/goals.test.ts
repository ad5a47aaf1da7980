import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell, CellOutcome } from '../../bench/measure/cell.ts';
import type { FloorCell } from '../../bench/measure/floor.ts';
import type { Goal } from '../../bench/report/goal.ts';
import { goalsOf } from '../../bench/report/goals.ts';
import { toMarkdown } from '../../bench/report/markdown.ts';
import type { Results } from '../../bench/report/results.ts';
import { cell, delayOf, floorCell, measured, results } from './made-up-results.ts';

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

test('the floor is the smaller one of the two orders', () => {
  const both = floorGoal([floorCell('longFirst'), floorCell('shortFirst', { longShare: 0.12 })]);
  assert.equal(both.met, true);
  assert.match(both.measured, /^long ones first: 15\.0 % \(idle 0\.1 %.*; short ones first: 12\.0 %/);
  assert.equal(floorGoal([floorCell('longFirst'), floorCell('shortFirst', { longShare: 0.02 })]).met, false);
  assert.equal(floorGoal([floorCell('longFirst')]).met, null);
  assert.equal(floorGoal([]).met, null);
  const before = floorCell('shortFirst', { longShare: 0.02 }, 'prefork-pool, before');
  assert.equal(floorGoal([floorCell('longFirst'), floorCell('shortFirst'), before]).met, true);
  const failed: FloorCell = { ...before, peer: 'prefork-pool', outcome: { kind: 'failed', why: 'it does not start' } };
  const half = floorGoal([floorCell('longFirst'), failed]);
  assert.deepEqual([half.met, half.measured.includes('short ones first: it does not start')], [null, true]);
});

test('a machine that short ones do not saturate proves no floor', () => {
  const unsaturated = [{ idleShare: 0.4 }, { idleShareAlone: 0.4 }, { othersShare: 0.4 }];
  for (const different of unsaturated) {
    const { met, measured: said } = floorGoal([floorCell('longFirst', different), floorCell('shortFirst')]);
    assert.equal(met, null);
    assert.match(said, /^long ones first: 15\.0 %, but not saturated by short ones \(.*40\.0 %/);
  }
  const idle = floorCell('longFirst', { idleShare: 0.4, longShare: 0.9 }, 'prefork-pool', 3);
  const mostly = [floorCell('longFirst'), floorCell('longFirst', {}, 'prefork-pool', 2), idle, floorCell('shortFirst')];
  assert.equal(floorGoal(mostly).met, true);
  assert.match(floorGoal(mostly).measured, /^long ones first: 15\.0 % \(.*2 of 3 rounds\)/);
});

test('long ones that got no worker are told, in the goal and in the table', () => {
  const longs = [
    { waitedMs: 8, shareOfOneCpu: 0.2, ended: null },
    { waitedMs: null, shareOfOneCpu: 0, ended: 'status 503' },
  ];
  const floor = [floorCell('longFirst'), floorCell('shortFirst', { longs })];
  assert.match(floorGoal(floor).measured, /1 of 2 long ones got no worker, 1 status 503\)$/);
  const page = toMarkdown({ ...results([]), floor }, 'x.svg');
  assert.match(
    page,
    /\| prefork-pool, short ones first \| 1 \| 15\.0 % \| 20\.0 %, waited 8\.00 ms; no worker, status 503 \| 2 \|/,
  );
});

test('the delay of the primary is judged wherever it was read, and the largest one has a name', () => {
  const beside = measured([1], 0, delayOf(8));
  const pair = { preforkMs: 1, bareMs: 1, before: null };
  const all = (mixed: CellOutcome, alone: number, floor: readonly FloorCell[]): Goal =>
    delayGoal({ ...results([cell('prefork-pool', 8, mixed)]), twoLong: [{ ...pair, delay: delayOf(alone) }], floor });
  const met = all(beside, 9.5, [floorCell('longFirst')]);
  assert.equal(met.met, true);
  assert.match(
    met.measured,
    /^at most 9\.5 ms: two long ones alone, round 1 \(of 3 readings: H = 8; two long ones alone; saturation/,
  );
  const missed = all(beside, 1, [floorCell('longFirst'), floorCell('shortFirst', { delay: delayOf(20) }, 'prefork-pool', 2)]);
  assert.equal(missed.met, false);
  assert.match(missed.measured, /^at most 20\.0 ms: saturation, short ones first, round 2/);
  const silent = all(beside, 1, [floorCell('longFirst', { delay: null })]);
  assert.deepEqual([silent.met, silent.measured.includes('1 without an answer')], [null, true]);
  assert.equal(delayGoal(results([cell('bare', 8, measured([1]))])).met, null);
  const page = toMarkdown({ ...results([]), floor: [floorCell('shortFirst')] }, 'x.svg');
  assert.match(page, /\| prefork-pool \| saturation, short ones first \| 1 \| 0\.1 \| 5 \| 5 \|/);
});

/** Whether p50 with 8 long ones stands as it should beside Go's and beside Erlang's. */
function besides(cells: readonly Cell[]): readonly (boolean | null | undefined)[] {
  const goals = goalsOf(results(cells));
  return ["Go's", "Erlang's"].map((whose) => goals.find(({ goal }) => goal.includes('p50') && goal.endsWith(whose))?.met);
}

function floorGoal(floor: readonly FloorCell[]): Goal {
  return goalIn({ ...results([]), floor }, 'long ones keep');
}

function delayGoal(of: Results): Goal {
  return goalIn(of, 'event-loop delay');
}

function goalIn(of: Results, words: string): Goal {
  const found = goalsOf(of).find(({ goal }) => goal.includes(words));
  assert.ok(found !== undefined);
  return found;
}
