import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Before } from '../../bench/before/before.ts';
import { beforeLines, beforePart } from '../../bench/matrix/beside-before.ts';
import { judge } from '../../bench/matrix/goals.ts';
import type { MatrixResults } from '../../bench/matrix/results.ts';
import { runScenario, type RunOptions } from '../../bench/matrix/run-scenario.ts';
import type { Contender, Scenario } from '../../bench/matrix/scenario.ts';

const BEFORE: Before = {
  path: '/there',
  entry: { reference: 'v0.1.0', commit: '0123456789abcdef', version: '0.1.0', folder: 'bench/.before/0123456789' },
};

function contender(name: string, kind: Contender['kind']): Contender {
  return { name, kind, what: 'made up', missing: undefined };
}

/** The present build does 200, 220 and 210 tasks a second, whoever was before 100; and takes half the memory. */
function scenario(): Scenario {
  let round = 0;
  return {
    name: 'made-up',
    title: 'Made up',
    about: '',
    contenders: [contender('ours', 'own'), contender('theirs', 'peer')],
    columns: [
      { name: 'rate', unit: 'tasks/s', better: 'more' },
      { name: 'memory', unit: 'MB', better: 'less' },
    ],
    plotted: [],
    goals: [
      { key: 'best', goal: 'as fast as any', bound: 1, kind: 'least', unit: 'times', figure: (of) => of.value('ours', 'rate') },
    ],
    rounds: 3,
    seconds: 1,
    measure({ name }, { build }) {
      if (name === 'theirs') return Promise.resolve([{ column: 'rate', value: 10 }]);
      if (build === BEFORE.path)
        return Promise.resolve([
          { column: 'rate', value: 100 },
          { column: 'memory', value: 8 },
        ]);
      round += 1;
      return Promise.resolve([
        { column: 'rate', value: [200, 220, 210][round - 1] ?? 0 },
        { column: 'memory', value: 4 },
      ]);
    },
  };
}

function run(of: Scenario, more: Partial<RunOptions> = {}): Promise<MatrixResults> {
  const options = { rounds: 3, seconds: 1, isQuick: false, before: BEFORE, asks: () => true, isMeant: () => true, ...more };
  return runScenario(of, options, () => {});
}

test('each contender of ours is measured once more with the build before, in the same rounds', async () => {
  const of = scenario();
  const results = await run(of);
  assert.deepEqual(
    results.contenders.map(({ name, kind }) => [name, kind]),
    [
      ['ours', 'own'],
      ['ours, before', 'before'],
      ['theirs', 'peer'],
    ],
  );
  for (const order of results.order) assert.deepEqual(order.toSorted(), ['ours', 'ours, before', 'theirs']);
  assert.deepEqual(results.before, BEFORE.entry);
  assert.equal(results.versions['prefork, before'], 'v0.1.0, 0.1.0, 0123456789');
  assert.deepEqual(beforeLines(results), [
    'now : before  ours, rate: 2.10 (2.00–2.20), better',
    'now : before  ours, memory: 0.50, better',
  ]);
  assert.match(beforePart(results).join('\n'), /v0\.1\.0.*noise floor \(0 %\)[^]*\| now : before \| rate \| memory \|/);
  // What is promised is promised of the present build.
  assert.equal(judge(of.goals, results)[0]?.figure?.median, 210);
});

test('a build before that can not do it fails like a peer, and the others go on', async () => {
  const of = scenario();
  const results = await run({
    ...of,
    measure: (who, effort) =>
      effort.build === BEFORE.path ? Promise.reject(new Error('unknown option')) : of.measure(who, effort),
  });
  assert.deepEqual(
    results.failures.map(({ contender: name, why }) => [name, why]),
    Array.from({ length: 3 }, () => ['ours, before', 'unknown option']),
  );
  assert.deepEqual([beforeLines(results), beforePart(results)], [[], []]);
  assert.equal(judge(of.goals, results)[0]?.met, true);
});

test('the present build alone has nothing beside it', async () => {
  const results = await run(scenario(), { before: null });
  assert.deepEqual(
    results.contenders.map(({ name }) => name),
    ['ours', 'theirs'],
  );
  assert.deepEqual([results.before, beforeLines(results), beforePart(results)], [null, [], []]);
});
