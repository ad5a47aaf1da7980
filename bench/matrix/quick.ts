/**
 * `npm run bench -- --quick`: every scenario in under two minutes, for CI. It measures prefork beside references alone, which need no package, and
 * of each scenario only what its goals look at. It prints every figure, and fails on what no noise explains: a ratio that is more than 2 times worse
 * than the recorded one, in each of three tries, each on a machine on which nothing else ran.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { othersShare } from '../measure/others.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { type Asked, askedBy } from './asked.ts';
import { judge } from './goals.ts';
import { compare, type Comparison } from './recorded.ts';
import { runScenario } from './run-scenario.ts';
import type { Goal, Scenario } from './scenario.ts';
import { showValue } from './show-value.ts';

const FILE = join(BENCH_FOLDER, 'recorded.json');
const SECONDS = 0.5;
const TRIES = 3;
/** More of the machine in use by others before or after a try, and it judges nobody. */
const BUSY_SHARE = 0.1;

type Figures = Readonly<Record<string, number>>;
type Say = (line: string) => void;

/** @returns whether nothing is worse than noise explains */
export async function runQuick(scenarios: readonly Scenario[], isToRecord: boolean, say: Say): Promise<boolean> {
  const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Figures;
  const found = new Map<string, number>();
  const failed: string[] = [];
  const sinceMs = performance.now();
  for (const scenario of scenarios) {
    const goals = goalsWithoutPeers(scenario);
    const comparisons = await compareUntilGood(scenario, goals, isToRecord ? {} : recorded, say);
    for (const { key, figure, goal, recorded: before, isWorse } of comparisons) {
      if (figure !== undefined) found.set(key, figure);
      if (isWorse) failed.push(key);
      const beside = before === undefined ? '' : `, recorded ${showValue(before)}`;
      say(
        `${isWorse ? 'WORSE' : '     '}  ${key.padEnd(26)} ${figure === undefined ? 'failed' : showValue(figure)} ${goal.unit}${beside}`,
      );
    }
  }
  if (found.size === 0) throw new Error('nothing was measured');
  say(`all of it took ${((performance.now() - sinceMs) / 1000).toFixed(0)} s`);
  if (isToRecord) record(recorded, found);
  for (const key of failed)
    say(`${key} is more than 2 times worse than recorded, in each of ${TRIES} tries; see docs/performance.md`);
  return failed.length === 0;
}

/** Noise makes one try bad; what is slow is slow in all of them. */
async function compareUntilGood(
  scenario: Scenario,
  goals: readonly Goal[],
  recorded: Figures,
  say: Say,
): Promise<readonly Comparison[]> {
  const best = new Map<string, Comparison>();
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const open = goals.filter((goal) => best.get(keyOf(scenario, goal))?.isWorse ?? true);
    if (open.length === 0) break;
    const before = await othersShare();
    const results = await runScenario(scenario, effortFor(open), attempt === 1 ? () => {} : say);
    const isCalm = Math.max(before, await othersShare()) < BUSY_SHARE;
    if (!isCalm) say(`${scenario.name}: other processes used the machine: its figures say nothing`);
    for (const { why, contender } of results.failures) say(`${scenario.name}: ${contender} failed: ${why}`);
    for (const { goal, figure } of judge(open, results)) {
      const key = keyOf(scenario, goal);
      best.set(key, compare(goal, key, figure?.median, isCalm ? recorded[key] : undefined));
    }
  }
  return [...best.values()];
}

function effortFor(goals: readonly Goal[]): Parameters<typeof runScenario>[1] {
  const asked = goals.map((goal) => askedBy(goal));
  return {
    rounds: 1,
    seconds: SECONDS,
    isQuick: true,
    wants: (column) => asked.some(({ columns }) => columns.has(column)),
    isMeant: ({ name }) => asked.some(({ contenders }) => contenders.has(name)),
  };
}

/** Those whose figure needs nothing that would have to be installed. */
function goalsWithoutPeers({ goals, contenders }: Scenario): readonly Goal[] {
  const isPeer = (name: string): boolean => contenders.some((contender) => contender.name === name && contender.kind === 'peer');
  const needsPeer = ({ contenders: names, looksForBest }: Asked): boolean =>
    looksForBest || [...names].some((name) => isPeer(name));
  return goals.filter((goal) => !needsPeer(askedBy(goal)));
}

function keyOf({ name }: Scenario, { key }: Goal): string {
  return `${name}/${key}`;
}

function record(before: Figures, found: ReadonlyMap<string, number>): void {
  const all = { ...before, ...Object.fromEntries([...found].map(([key, figure]) => [key, Number(figure.toPrecision(3))])) };
  const sorted = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
}
