import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedBy, wantedBy } from '../../bench/matrix/asked.ts';
import { fill } from '../../bench/matrix/fill.ts';
import { judge } from '../../bench/matrix/goals.ts';
import { readMatrixOptions } from '../../bench/matrix/options.ts';
import { isWorse, settle } from '../../bench/matrix/recorded.ts';
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
    columns: [{ name: 'rate', unit: 'tasks/s', better: 'more' }],
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
  assert.deepEqual(askedBy(GOAL), { cells: [{ contender: 'ours', column: 'rate' }], looksForBest: true });
});

test('of a contender nothing is measured but what one of the goals looks at', () => {
  const other: Goal = { ...GOAL, figure: (of) => of.value('ours', 'rate') / of.value('theirs', 'memory') };
  const { asks, isMeant } = wantedBy([GOAL, other]);
  const names = ['ours', 'theirs', 'others'];
  assert.deepEqual(
    names.map((name) => isMeant({ name })),
    [true, true, false],
  );
  assert.deepEqual(
    names.map((contender) => asks({ contender, column: 'rate' })),
    [true, false, false],
  );
  assert.deepEqual(
    names.map((contender) => asks({ contender, column: 'memory' })),
    [false, true, false],
  );
});

test('a ratio is worse when it is more than 2 times below, or above, what was recorded', () => {
  const [least, most] = [GOAL, { ...GOAL, kind: 'most' } as const];
  assert.equal(isWorse(least, 1.1, 2), false);
  assert.equal(isWorse(least, 0.9, 2), true);
  assert.equal(isWorse(least, 9, 2), false);
  assert.equal(isWorse(most, 3.9, 2), false);
  assert.equal(isWorse(most, 4.1, 2), true);
  // Measured before, and not now.
  assert.equal(isWorse(least, undefined, 2), true);
  // Never recorded.
  assert.equal(isWorse(least, 0.1, undefined), false);
});

test('a ratio that comes out differently each time is none to compare with', () => {
  assert.equal(settle([1.2, 1, 1.5]), 1.2);
  assert.equal(settle([1.2, 1, 1.6]), undefined);
  assert.equal(settle([1, Number.NaN, 1]), undefined);
  assert.equal(settle([0, 0, 0]), undefined);
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
  const scenarios = [
    { name: 'http', contenders: [{ name: 'bare' }, { name: 'cluster' }] },
    { name: 'pool', contenders: [{ name: 'bare' }, { name: 'piscina' }] },
  ];
  const all = readMatrixOptions(['all', '--rounds', '2'], scenarios);
  assert.ok(all.kind === 'run');
  assert.deepEqual(all.options.scenarios, known);
  assert.equal(all.options.rounds, 2);
  const one = readMatrixOptions(['http', '--quick', '--peers', 'bare, cluster'], scenarios);
  assert.ok(one.kind === 'run');
  assert.deepEqual([one.options.scenarios, one.options.isQuick, one.options.peers], [['http'], true, ['bare', 'cluster']]);
  assert.deepEqual(readMatrixOptions(['--quick'], scenarios), { kind: 'quick', isToRecord: false, scenarios: known });
  assert.deepEqual(readMatrixOptions(['pool', '--quick', '--record'], scenarios), {
    kind: 'quick',
    isToRecord: true,
    scenarios: ['pool'],
  });
  assert.equal(all.options.before, undefined);
  // A quick run takes no release by itself.
  assert.equal(one.options.before, 'none');
  const beside = readMatrixOptions(['http', '--quick', '--before', 'v0.1.0'], scenarios);
  assert.ok(beside.kind === 'run');
  assert.equal(beside.options.before, 'v0.1.0');
  assert.deepEqual(readMatrixOptions(['docs'], scenarios), { kind: 'docs' });
  assert.deepEqual(readMatrixOptions(['mixed'], scenarios), { kind: 'other' });
  assert.deepEqual(readMatrixOptions([], scenarios), { kind: 'other' });
  for (const args of [
    ['http', '--record'],
    ['http', '--rounds', '0'],
    ['http', 'mixed'],
    ['http', '--fast'],
    ['--quick', '--before', 'v0.1.0'],
    ['http', '--before'],
    ['http', '--peers', 'bare,piscina'],
  ]) {
    assert.equal(readMatrixOptions(args, scenarios).kind, 'wrong', args.join(' '));
  }
  const strange = readMatrixOptions(['http', 'pool', '--peers', 'piscina,other'], scenarios);
  assert.ok(strange.kind === 'wrong');
  assert.equal(strange.message, '--peers: found "other", expected some of "bare", "cluster", "piscina"');
});
