import { type Cell, type Delay, WAY_NAMES } from './compare.ts';

/** The delays of short and of long tasks: a row for each way, a column for each number of CPUs. */
export function toTable(cells: readonly Cell[]): string {
  const counts = [...new Set(cells.map(({ workers }) => workers))];
  const part = (title: string, kind: 'short' | 'long'): string[][] => [
    [title, ...counts.map((count) => `${count} CPUs`)],
    ...WAY_NAMES.map((way) => [way].concat(counts.map((count) => shown(find(cells, way, count)?.[kind])))),
  ];
  return [part('short: p50 / p99 in ms', 'short'), part('long: p50 / p99 in ms', 'long')].map(align).join('\n\n');
}

export function find(cells: readonly Cell[], way: string, workers: number): Cell | undefined {
  return cells.find((cell) => cell.way === way && cell.workers === workers);
}

/** Three digits say what a simulation can say. */
export function showMs(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'never';
  return ms >= 100 ? String(Math.round(ms)) : ms.toFixed(ms >= 10 ? 1 : 2);
}

function shown(delay: Delay | undefined): string {
  return delay === undefined ? '' : `${showMs(delay.p50Ms)} / ${showMs(delay.p99Ms)}`;
}

export function align(rows: readonly (readonly string[])[]): string {
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
