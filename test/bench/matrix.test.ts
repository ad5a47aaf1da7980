import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedBy } from '../../bench/matrix/asked.ts';
import { fill } from '../../bench/matrix/fill.ts';
import { judge } from '../../bench/matrix/goals.ts';
import { readMatrixOptions } from '../../bench/matrix/options.ts';
import { compare } from '../../bench/matrix/recorded.ts';
import { type MatrixResults, noiseOf } from '../../bench/matrix/results.ts';
import type { Goal } from '../../bench/matrix/scenario.ts';

const GOAL: Goal = {
  key: 'twice',
  goal: 'ours is at least twice the fastest other one',
  bound: 2,
  kind: 'least',
  unit: 'times',
  figure: (of) => of.value('ours', 'rate') / of.most('rate', (name) => name !== 'ours'),
};

function resultsOf(rounds: readonly Readonly<Record<string, number | null>>[]): MatrixResults {
  const names = Object.keys(rounds[0] ?? {});
  return {
    format: 1,
    scenario: 'made-up',
    startedAt: '2026-11-28T00:00:00.000Z',
    finishedAt: '2026-11-28T00:00:01.000Z',
    rounds: rounds.length,
    seconds: 1,
    machine: { cpu: 'none', cpus: 2, memoryGb: 1, system: 'none' },
    versions: {},
    contenders: names.map((name) => ({ name, kind: 'own', what: '', missing: null })),
    columns: [{ name: 'rate', unit: 'tasks/s' }],
    order: [],
    values: rounds.flatMap((values, index) =>
      Object.entries(values).map(([contender, value]) => ({ round: index + 1, contender, column: 'rate', value })),
    ),
    failures: [],
  };
}

test('a goal is the median of its rounds, each reckoned by itself', () => {
  // The second round was twice as slow for all: the ratios are 3, 3, 2.
  const results = resultsOf([
    { ours: 300, one: 100, two: 90 },
    { ours: 150, one: 40, two: 50 },
    { ours: 200, one: 100, two: 90 },
  ]);
  const [judged] = judge([GOAL], results);
  assert.deepEqual(judged?.figure, { median: 3, least: 2, most: 3 });
  assert.equal(judged?.met, true);
});

test('a goal whose contenders were not measured is neither met nor missed', () => {
  const [judged] = judge([GOAL], resultsOf([{ ours: 300 }]));
  assert.equal(judged?.figure, undefined);
  assert.equal(judged?.met, null);
});

test('what never came to pass misses a goal that says at most', () => {
  const atMost: Goal = { ...GOAL, kind: 'most', figure: (of) => of.value('ours', 'rate') };
  const [judged] = judge([atMost], resultsOf([{ ours: null }]));
  assert.equal(judged?.met, false);
});

test('noise is what the rounds of one figure lie apart', () => {
  assert.deepEqual(noiseOf(resultsOf([{ ours: 100 }, { ours: 130 }, { ours: 120 }])), [1.3]);
  assert.deepEqual(noiseOf(resultsOf([{ ours: 100 }])), []);
});

test('what a goal looks at is found out by asking it', () => {
  const { contenders, columns, looksForBest } = askedBy(GOAL);
  assert.deepEqual([...contenders], ['ours']);
  assert.deepEqual([...columns], ['rate']);
  assert.equal(looksForBest, true);
});

test('a ratio is worse when it is more than 2 times below, or above, what was recorded', () => {
  const isWorse = (kind: Goal['kind'], figure: number | undefined, recorded: number | undefined, unit = 'times'): boolean =>
    compare({ ...GOAL, kind, unit }, 'made-up/twice', figure, recorded).isWorse;
  assert.equal(isWorse('least', 1.1, 2), false);
  assert.equal(isWorse('least', 0.9, 2), true);
  assert.equal(isWorse('least', 9, 2), false);
  assert.equal(isWorse('most', 3.9, 2), false);
  assert.equal(isWorse('most', 4.1, 2), true);
  // Measured before, and not now.
  assert.equal(isWorse('least', undefined, 2), true);
  // Never recorded, or a figure that belongs to a machine.
  assert.equal(isWorse('least', 0.1, undefined), false);
  assert.equal(isWorse('most', 900, 100, 'ms'), false);
});

test('the figures of a page are those between its marks', () => {
  const page = 'a\n<!-- figures of one -->\n\nold\n\n<!-- end -->\nb\n<!-- figures of two -->\n\nold\n\n<!-- end -->\n';
  assert.equal(
    fill(page, 'two', 'new'),
    'a\n<!-- figures of one -->\n\nold\n\n<!-- end -->\nb\n<!-- figures of two -->\n\nnew\n\n<!-- end -->\n',
  );
  assert.equal(fill(page, 'three', 'new'), undefined);
});

test('the command line names scenarios, all of them, or asks for the quick comparison', () => {
  const known = ['http', 'pool'];
  const all = readMatrixOptions(['all', '--rounds', '2'], known);
  assert.ok(all.kind === 'run');
  assert.deepEqual(all.options.scenarios, known);
  assert.equal(all.options.rounds, 2);
  const one = readMatrixOptions(['http', '--quick', '--peers', 'bare, cluster'], known);
  assert.ok(one.kind === 'run');
  assert.deepEqual([one.options.scenarios, one.options.isQuick, one.options.peers], [['http'], true, ['bare', 'cluster']]);
  assert.deepEqual(readMatrixOptions(['--quick'], known), { kind: 'quick', isToRecord: false, scenarios: known });
  assert.deepEqual(readMatrixOptions(['pool', '--quick', '--record'], known), {
    kind: 'quick',
    isToRecord: true,
    scenarios: ['pool'],
  });
  assert.deepEqual(readMatrixOptions(['docs'], known), { kind: 'docs' });
  assert.deepEqual(readMatrixOptions(['mixed'], known), { kind: 'other' });
  assert.deepEqual(readMatrixOptions([], known), { kind: 'other' });
  for (const args of [
    ['http', '--record'],
    ['http', '--rounds', '0'],
    ['http', 'mixed'],
    ['http', '--fast'],
  ]) {
    assert.equal(readMatrixOptions(args, known).kind, 'wrong', args.join(' '));
  }
});
