import { beforeTables } from './beside-before.ts';
import { floorTable } from './floor-table.ts';
import { goalsOf } from './goals.ts';
import { bestPeer, ratio } from './ratios.ts';
import type { Results } from './results.ts';
import { showFigure, showMet, showRatio } from './show.ts';
import { figureIn, phasesOf, type Figure } from './summary.ts';

/** The end of a run on a terminal: every figure, and prefork's as ratios. */
export function toTerminal(results: Results): string {
  const parts = phasesOf(results.cells).map((phase) => phasePart(results, phase));
  const goals = goalsOf(results).map(({ goal, measured, met }) => [showMet(met), goal, measured]);
  const floors = floorTable(results);
  const tables = [...(floors.length === 0 ? [] : [floors]), ...beforeTables(results)].map(align);
  return [...parts, ...tables, align([['goal', '', 'measured'], ...goals])].join('\n\n');
}

function phasePart(results: Results, phase: string): string {
  const { long } = results.options;
  const best = bestPeer(results, phase);
  const show = (name: string): string[] => long.map((count) => showFigure(figureIn(results.cells, name, count, phase)));
  const showRatios = (name: string, by: Figure | undefined): string[] =>
    long.map((count) => {
      const figure = figureIn(results.cells, name, count, phase);
      return `${showRatio(ratio(figure, by, 'p50'))} / ${showRatio(ratio(figure, by, 'p99'))}`;
    });
  const there = results.peers.filter(({ missing }) => missing === null);
  const rows = there.map(({ name }) => [name].concat(show(name)));
  const ratios = there.flatMap(({ name, kind }) => {
    if (kind !== 'own') return [];
    const base = figureIn(results.cells, name, 0, phase);
    const toItself = [`${name} : itself at H = 0`].concat(showRatios(name, base));
    return best === undefined
      ? [toItself]
      : [toItself, [`${name} : ${best.name} at H = 0`].concat(showRatios(name, best.figure))];
  });
  const head = [`${phase}: p50 / p99 in ms`, ...long.map((count) => `H = ${count}`)];
  return align([head, ...rows, ...ratios]);
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
