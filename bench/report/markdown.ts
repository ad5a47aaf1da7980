import { LONG_NUMBER, SHORT_NUMBERS } from '../load/phases.ts';
import { beforePart } from './beside-before.ts';
import { delaysOf } from './delays.ts';
import { floorTable } from './floor-table.ts';
import { goalsOf } from './goals.ts';
import { ratio } from './ratios.ts';
import type { Results } from './results.ts';
import { showFigure, showMet, showRatio, showSpread } from './show.ts';
import { figureIn, phasesOf } from './summary.ts';
import { table } from './table.ts';

/** The results as a page that stands for itself. */
export function toMarkdown(results: Results, picture: string): string {
  const { options } = results;
  const measured = results.peers.filter(({ missing }) => missing === null).map(({ name }) => name);
  const parts = [
    `# Short requests while long ones run, ${results.startedAt.slice(0, 10)}`,
    `${machineLine(results)} ${loadLine(results)}`,
    ...(results.cells.length === 0 ? [] : [`![p50 to p99 of each peer, by the number of long requests](${picture})`]),
    '## Goals',
    table(
      ['goal', 'measured', ''],
      goalsOf(results).map(({ goal, measured: found, met }) => [goal, found, showMet(met)]),
    ),
  ];
  for (const phase of phasesOf(results.cells)) {
    parts.push(
      `## Short requests ${phase}`,
      'p50 / p99 in ms: the medians of the rounds.',
      table(
        ['', ...options.long.map((long) => `H = ${long}`)],
        measured.map((name) => [name, ...options.long.map((long) => showFigure(figureIn(results.cells, name, long, phase)))]),
      ),
    );
  }
  if (results.cells.length > 0) parts.push('## prefork beside itself with no long requests', ratioTable(results));
  parts.push(...beforePart(results));
  parts.push(
    ...floorPart(results),
    ...spreadPart(results, measured),
    ...delayPart(results),
    '## Peers',
    peerTable(results),
    '## Versions',
  );
  parts.push(
    Object.entries(results.versions)
      .map(([name, version]) => `- ${name}: ${version}`)
      .join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}

function machineLine({ machine, startedAt, finishedAt }: Results): string {
  return `${machine.cpu}, ${machine.cpus} CPUs, ${machine.memoryGb} GB, ${machine.system}; from ${startedAt} to ${finishedAt}.`;
}

function loadLine({ options, generatorGoesFirst }: Results): string {
  const first = generatorGoesFirst
    ? 'The load generator goes before the servers in the queue for a CPU.'
    : 'The load generator waits for a CPU like the servers do.';
  return [
    `H long requests (${LONG_NUMBER}) are open; then short ones (${SHORT_NUMBERS.join(', ')}) come, ${options.ratePerSecond} a second`,
    `or one after the other, in phases of ${options.seconds} s, ${options.rounds} rounds. An answer after 5 s counts as none;`,
    `"never": there was no answer at all. ${first}`,
  ].join('\n');
}

function ratioTable(results: Results): string {
  const own = results.peers.filter(({ kind, missing }) => kind === 'own' && missing === null);
  const long = results.options.long.filter((count) => count > 0);
  const rows = own.flatMap(({ name }) =>
    phasesOf(results.cells).map((phase) => {
      const base = figureIn(results.cells, name, 0, phase);
      const cells = long.map((count) => {
        const figure = figureIn(results.cells, name, count, phase);
        return figure?.kind === 'measured'
          ? `${showRatio(ratio(figure, base, 'p50'))} / ${showRatio(ratio(figure, base, 'p99'))}`
          : showFigure(figure);
      });
      return [name, phase].concat(cells);
    }),
  );
  return table(['', 'short requests', ...long.map((count) => `H = ${count}`)], rows);
}

/** What one round says beside another: the noise that a difference has to exceed. */
function spreadPart(results: Results, measured: readonly string[]): readonly string[] {
  const [phase] = phasesOf(results.cells);
  if (phase === undefined || results.options.rounds < 2) return [];
  const rows = measured.flatMap((name) =>
    results.options.long.flatMap((long) => {
      const figure = figureIn(results.cells, name, long, phase);
      return figure?.kind === 'measured' ? [[name, `${long}`, showSpread(figure.p50), showSpread(figure.p99)]] : [];
    }),
  );
  return [`## Spread of the rounds, ${phase}`, table(['', 'H', 'p50 in ms', 'p99 in ms'], rows)];
}

function floorPart(results: Results): readonly string[] {
  const [head, ...rows] = floorTable(results);
  if (head === undefined) return [];
  const about = [
    'As many long requests as there are CPUs, beside short ones on 64 connections. Those that come last come by a path that is known for long ones, and',
    'count from when they come. A share of the machine is one of the time of all CPUs.',
  ].join('\n');
  return ['## What long requests keep while short ones saturate the machine', about, table(head, rows)];
}

function delayPart(results: Results): readonly string[] {
  const rows = delaysOf(results).map(({ peer, during, round, delay }) =>
    [peer, during, `${round}`].concat(
      delay === null ? ['no answer', '', ''] : [`${delay.p50Ms}`, `${delay.p99Ms}`, `${delay.maxMs}`],
    ),
  );
  if (rows.length === 0) return [];
  return ["## Event-loop delay of prefork's primary, in ms", table(['', 'during', 'round', 'p50', 'p99', 'max'], rows)];
}

function peerTable(results: Results): string {
  return table(
    ['peer', 'what it is', ''],
    results.peers.map(({ name, description, missing }) => [
      name,
      description,
      missing === null ? '' : `not installed: ${missing}`,
    ]),
  );
}
