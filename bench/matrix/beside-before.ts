import { nameBefore, showBefore } from '../before/before.ts';
import { aboutVerdicts, compare, type Comparison, showComparison } from '../report/compare.ts';
import { table } from '../report/table.ts';
import { type MatrixResults, noiseFloorOf, roundOf } from './results.ts';
import type { Column } from './scenario.ts';

/** A contender of ours beside itself with the build before, in each column that both have figures in. */
interface Beside {
  readonly name: string;
  readonly columns: readonly { readonly column: Column; readonly comparison: Comparison | undefined }[];
}

function besidesOf(results: MatrixResults): readonly Beside[] {
  const floor = noiseFloorOf(results);
  const rounds = Array.from({ length: results.rounds }, (_, index) => roundOf(results, index + 1));
  const entered = new Set(results.contenders.map(({ name }) => name));
  return results.contenders
    .filter(({ name, kind }) => kind === 'own' && entered.has(nameBefore(name)))
    .map(({ name }) => ({
      name,
      columns: results.columns.map((column) => {
        const pairs = rounds.map(({ value }) => ({
          now: value(name, column.name),
          before: value(nameBefore(name), column.name),
        }));
        return { column, comparison: compare(pairs, column.better, floor) };
      }),
    }))
    .filter(({ columns }) => columns.some(({ comparison }) => comparison !== undefined));
}

/** A part of a page, without its heading; nothing where there is nothing to compare. */
export function beforePart(results: MatrixResults): readonly string[] {
  const besides = besidesOf(results);
  if (!results.before || besides.length === 0) return [];
  const shown = results.columns.filter(({ name }) =>
    besides.some(({ columns }) => columns.some(({ column, comparison }) => column.name === name && comparison !== undefined)),
  );
  const rows = besides.map(({ name, columns }) =>
    [name].concat(
      columns
        .filter(({ column }) => shown.includes(column))
        .map(({ comparison }) => (comparison === undefined ? '' : showComparison(comparison))),
    ),
  );
  const floor = `${(((noiseFloorOf(results) ?? 1) - 1) * 100).toFixed(0)} %`;
  return [
    `The present build beside ${showBefore(results.before)}. ${aboutVerdicts(results.rounds, floor)}`,
    table(['now : before', ...shown.map(({ name }) => name)], rows),
  ];
}

/** The same for a terminal, a line for each figure. */
export function beforeLines(results: MatrixResults): readonly string[] {
  return besidesOf(results).flatMap(({ name, columns }) =>
    columns.flatMap(({ column, comparison }) =>
      comparison === undefined ? [] : [`now : before  ${name}, ${column.name}: ${showComparison(comparison)}`],
    ),
  );
}
