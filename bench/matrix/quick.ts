/**
 * `npm run bench -- --quick`: the ratios that the goals promise, in under a minute, for CI. It measures prefork beside references alone, which need no
 * package. It prints every ratio that has a record, and fails on what no noise explains: one that is more than 2 times worse than the recorded one, in each of three tries,
 * each on a machine on which nothing else ran. With `--record` it measures each three times, and records those that came out alike.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookAtOthers, type Others } from '../measure/others.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { askedBy, wantedBy } from './asked.ts';
import { judge } from './goals.ts';
import { isWorse, settle } from './recorded.ts';
import { runScenario } from './run-scenario.ts';
import type { Goal, Scenario } from './scenario.ts';
import { showValue } from './show-value.ts';

const FILE = join(BENCH_FOLDER, 'recorded.json');
const QUICK = { rounds: 1, seconds: 0.5, isQuick: true } as const;
const TRIES = 3;
/** So often a scenario is measured at most until it was measured three times on a calm machine. */
const MOST_TRIES_TO_RECORD = 12;
/** More of the machine in use by others before or after a try, and it judges nobody. */
const BUSY_SHARE = 0.1;

type Figures = Readonly<Record<string, number>>;
type Say = (line: string) => void;

/** What one try found, by goal; nothing of it counts when others used the machine. */
interface Try {
  readonly figures: ReadonlyMap<Goal, number | undefined>;
  readonly isCalm: boolean;
}

/** @returns whether nothing is worse than noise explains */
export async function runQuick(scenarios: readonly Scenario[], isToRecord: boolean, say: Say): Promise<boolean> {
  const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Figures;
  const sinceMs = performance.now();
  const quick = new Quick(say, await lookAtOthers());
  const found = new Map<string, number | undefined>();
  const failed: string[] = [];
  const left: string[] = [];
  for (const scenario of scenarios) {
    const goals = ratiosWithoutPeers(scenario);
    // Without a record all are shown, and judge nobody.
    const isJudged = (goal: Goal): boolean => isToRecord || recorded[keyOf(scenario, goal)] !== undefined || isEmpty(recorded);
    left.push(...goals.filter((goal) => !isJudged(goal)).map((goal) => keyOf(scenario, goal)));
    const judged = goals.filter(isJudged);
    if (judged.length === 0) continue;
    if (isToRecord) for (const [key, figure] of await quick.settled(scenario, judged)) found.set(key, figure);
    else failed.push(...(await quick.worse(scenario, judged, recorded)));
  }
  if (left.length > 0) say(`not measured, for no record of them holds: ${left.join(', ')}`);
  say(`all of it took ${((performance.now() - sinceMs) / 1000).toFixed(0)} s`);
  if (isToRecord) record(recorded, found);
  for (const key of failed)
    say(`${key} is more than 2 times worse than recorded, in each of ${TRIES} tries; see docs/performance.md`);
  return failed.length === 0;
}

class Quick {
  readonly #say: Say;
  /** After a try, which is before the next one. */
  #others: Others;

  constructor(say: Say, others: Others) {
    this.#say = say;
    this.#others = others;
  }

  /** Noise makes one try bad; what is slow is slow in all of them. @returns the keys of what is worse */
  async worse(scenario: Scenario, goals: readonly Goal[], recorded: Figures): Promise<readonly string[]> {
    let open = goals;
    for (let attempt = 1; attempt <= TRIES && open.length > 0; attempt += 1) {
      const { figures, isCalm } = await this.#try(scenario, open);
      open = open.filter((goal) => {
        const [key, figure] = [keyOf(scenario, goal), figures.get(goal)];
        const isBad = isWorse(goal, figure, isCalm ? recorded[key] : undefined);
        this.#show(key, figure, recorded[key], isBad);
        return isBad;
      });
    }
    return open.map((goal) => keyOf(scenario, goal));
  }

  /** @returns by key what is to be recorded; undefined for what can't be judged, since it came out differently each time */
  async settled(scenario: Scenario, goals: readonly Goal[]): Promise<ReadonlyMap<string, number | undefined>> {
    const figures = new Map<Goal, number[]>(goals.map((goal) => [goal, []]));
    let calm = 0;
    for (let attempt = 1; calm < TRIES; attempt += 1) {
      if (attempt > MOST_TRIES_TO_RECORD)
        throw new Error(`${scenario.name}: the machine is not quiet enough; nothing was recorded`);
      const tried = await this.#try(scenario, goals);
      if (!tried.isCalm) continue;
      calm += 1;
      for (const [goal, figure] of tried.figures) figures.get(goal)?.push(figure ?? Number.NaN);
    }
    return new Map(
      [...figures].map(([goal, each]) => {
        const [key, figure] = [keyOf(scenario, goal), settle(each)];
        const outcome = figure === undefined ? 'it differs too much to be judged' : `recorded as ${showValue(figure)}`;
        this.#say(`${key.padEnd(24)} ${each.map((value) => showValue(value)).join(', ')}: ${outcome}`);
        return [key, figure];
      }),
    );
  }

  async #try(scenario: Scenario, goals: readonly Goal[]): Promise<Try> {
    const before = this.#others;
    const results = await runScenario(scenario, { ...QUICK, ...wantedBy(goals), before: null }, () => {});
    this.#others = await lookAtOthers();
    const busy = [before, this.#others].find(({ share }) => share > BUSY_SHARE);
    if (busy !== undefined) {
      const percent = Math.round(busy.share * 100);
      this.#say(`${scenario.name}: others used ${percent} % of the machine (${busy.names.join(', ')}): this judges nobody`);
    }
    for (const { why, contender } of results.failures) this.#say(`${scenario.name}: ${contender} failed: ${why}`);
    return {
      figures: new Map(judge(goals, results).map(({ goal, figure }) => [goal, figure?.median])),
      isCalm: busy === undefined,
    };
  }

  #show(key: string, figure: number | undefined, recorded: number | undefined, isBad: boolean): void {
    const beside = recorded === undefined ? '' : `, recorded ${showValue(recorded)}`;
    this.#say(`${isBad ? 'WORSE' : '     '}  ${key.padEnd(24)} ${figure === undefined ? 'failed' : showValue(figure)}${beside}`);
  }
}

/** What is in ms or MB belongs to the machine; and what is compared with a peer needs one that is installed. */
function ratiosWithoutPeers({ goals, contenders }: Scenario): readonly Goal[] {
  const isPeer = (name: string): boolean => contenders.some((contender) => contender.name === name && contender.kind === 'peer');
  return goals.filter((goal) => {
    const { cells, looksForBest } = askedBy(goal);
    return goal.unit === 'times' && !looksForBest && !cells.some(({ contender }) => isPeer(contender));
  });
}

function isEmpty(figures: Figures): boolean {
  return Object.keys(figures).length === 0;
}

function keyOf({ name }: Scenario, { key }: Goal): string {
  return `${name}/${key}`;
}

function record(before: Figures, found: ReadonlyMap<string, number | undefined>): void {
  const all = new Map<string, number | undefined>([...Object.entries(before), ...found]);
  const kept = [...all].flatMap(([key, figure]) => (figure === undefined ? [] : [[key, Number(figure.toPrecision(3))] as const]));
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`);
}
