import type { Machine } from '../report/machine.ts';
import { showMet } from '../report/show.ts';
import { median, percentile } from '../report/statistics.ts';
import { table } from '../report/table.ts';
import { beforePart } from './beside-before.ts';
import { judge, type JudgedGoal } from './goals.ts';
import { figureOf, type MatrixResults, noiseOf } from './results.ts';
import type { Scenario } from './scenario.ts';
import { showRange, showValue } from './show-value.ts';

/** The results as a page that stands for itself. */
export function toMarkdown(scenario: Scenario, results: MatrixResults, picture: string): string {
  const several = results.rounds > 1;
  return `${[
    `# ${scenario.title}, ${results.startedAt.slice(0, 10)}`,
    scenario.about,
    `${machineLine(results.machine)}; from ${results.startedAt} to ${results.finishedAt}. ${roundsLine(results)}`,
    noiseLine(results),
    `![${scenario.title}](${picture})`,
    '## Goals',
    goalTable(scenario, results),
    '## Medians of the rounds',
    figureTable(results),
    ...headed('## Now and before', beforePart(results)),
    ...(several ? ['## Spread of the rounds: median (least–most)', spreadTable(results)] : []),
    ...failurePart(results),
    '## Who was measured',
    table(
      ['', 'what it is', ''],
      results.contenders.map(({ name, what, missing }) => [name, what, missing === null ? '' : `not installed: ${missing}`]),
    ),
    '## Versions',
    Object.entries(results.versions)
      .map(([name, version]) => `- ${name}: ${version}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

/** What of it a page of documentation shows. */
export function toExcerpt(scenario: Scenario, results: MatrixResults, stem: string): string {
  const { machine, versions, startedAt } = results;
  return [
    `${startedAt.slice(0, 10)}, prefork ${versions['prefork'] ?? 'unknown'}, Node ${versions['node'] ?? 'unknown'}, ${machineLine(machine)}. ${roundsLine(results)} ${noiseLine(results)} [All of it](${stem}.md), [raw data](${stem}.json).`,
    `![${scenario.title}](${stem}.svg)`,
    figureTable(results),
    ...beforePart(results),
    goalTable(scenario, results),
  ].join('\n\n');
}

function headed(heading: string, part: readonly string[]): readonly string[] {
  return part.length === 0 ? [] : [heading, ...part];
}

function machineLine({ cpu, cpus, memoryGb, system }: Machine): string {
  return `${cpu}, ${cpus} CPUs, ${memoryGb} GB, ${system}`;
}

function roundsLine({ rounds }: MatrixResults): string {
  return rounds === 1 ? 'One round.' : `${rounds} rounds, each in another order.`;
}

function noiseLine(results: MatrixResults): string {
  const noise = noiseOf(results);
  if (noise.length === 0) return 'Noise floor: unknown, as there was one round only.';
  const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(0)} %`;
  return `Noise floor: the rounds of one figure lie ${percent(median(noise))} apart (median of all figures; ${percent(percentile(noise, 90))} in one of ten). A difference below that means nothing.`;
}

function goalTable(scenario: Scenario, results: MatrixResults): string {
  return table(
    ['goal', 'measured', ''],
    judge(scenario.goals, results).map((judged) => [judged.goal.goal, showGoalFigure(judged), showMet(judged.met)]),
  );
}

export function showGoalFigure({ goal, figure }: JudgedGoal): string {
  return figure === undefined ? '' : `${showRange(figure)} ${goal.unit}`;
}

function figureTable(results: MatrixResults): string {
  return table(
    ['', ...results.columns.map(({ name, unit }) => `${name}, ${unit}`)],
    measured(results).map((name) =>
      [name].concat(
        results.columns.map((column) => {
          const figure = figureOf(results, name, column.name);
          return figure === undefined ? whyNot(results, name) : showValue(figure.median);
        }),
      ),
    ),
  );
}

function spreadTable(results: MatrixResults): string {
  return table(
    ['', ...results.columns.map(({ name }) => name)],
    measured(results).map((name) =>
      [name].concat(
        results.columns.map((column) => {
          const figure = figureOf(results, name, column.name);
          return figure === undefined ? '' : showRange(figure);
        }),
      ),
    ),
  );
}

function failurePart(results: MatrixResults): readonly string[] {
  if (results.failures.length === 0) return [];
  const rows = results.failures.map(({ contender, round, why }) => [contender, `${round}`, why]);
  return ['## What failed', table(['', 'round', 'why'], rows)];
}

function measured(results: MatrixResults): readonly string[] {
  return results.contenders.filter(({ missing }) => missing === null).map(({ name }) => name);
}

function whyNot(results: MatrixResults, name: string): string {
  return results.values.some(({ contender }) => contender === name) ? '' : 'failed';
}
