import { nameBefore, showBefore } from '../before/before.ts';
import { phaseName } from '../load/phases.ts';
import { FLOOR_ORDERS, type FloorOrder } from '../measure/floor.ts';
import { aboutVerdicts, type Better, compare, type Pair, showComparison } from './compare.ts';
import { FLOOR_NAMES } from './floor-table.ts';
import { SUBJECT } from './goal.ts';
import type { Results } from './results.ts';
import { median, noiseAmong, percentile } from './statistics.ts';
import { phasesOf } from './summary.ts';
import { table } from './table.ts';

const PERCENTS = [50, 99] as const;

/** The present build beside the one before, as a part of a page; nothing where there is nothing to compare. */
export function beforePart(results: Results): readonly string[] {
  const tables = beforeTables(results);
  if (results.before === null || tables.length === 0) return [];
  return [
    '## Now and before',
    `The present build beside ${showBefore(results.before)}. ${aboutVerdicts(results.options.rounds, 'what the rounds of the two figures lie apart')}`,
    ...tables.map(([head = [], ...rows]) => table(head, rows)),
  ];
}

/**
 * Tables, each with its head: one with a row for each server of ours, way of asking and percentile; one of what long requests got. Those that have no row
 * are left out.
 */
export function beforeTables(results: Results): readonly (readonly (readonly string[])[])[] {
  const tables = [
    [['now : before', ...results.options.long.map((long) => `H = ${long}`)], ...shortRows(results)],
    [['now : before', 'long requests'], ...longRows(results)],
  ];
  return tables.filter(({ length }) => length > 1);
}

function shortRows(results: Results): readonly (readonly string[])[] {
  const { peers, cells, options } = results;
  const own = peers.filter(({ name }) => peers.some((other) => other.name === nameBefore(name)));
  return own.flatMap(({ name }) =>
    phasesOf(cells).flatMap((phase) =>
      PERCENTS.map((percent) => {
        const shown = options.long.map((long) =>
          shownOf(
            Array.from({ length: options.rounds }, (_, index) => ({
              now: latencyIn(results, { peer: name, long, round: index + 1, phase, percent }),
              before: latencyIn(results, { peer: nameBefore(name), long, round: index + 1, phase, percent }),
            })),
            'less',
          ),
        );
        return [`${name}, ${phase}, p${percent}`].concat(shown);
      }),
    ),
  );
}

function longRows(results: Results): readonly (readonly string[])[] {
  const long = results.twoLong.flatMap(({ preforkMs, before }) =>
    before?.kind === 'measured' ? [{ now: preforkMs, before: before.result }] : [],
  );
  return [
    ['two long ones alone, time', shownOf(long, 'less')],
    ...FLOOR_ORDERS.map((order) => [
      `under saturation, ${FLOOR_NAMES[order]}, what the long ones got`,
      shownOf(floorPairs(results, order), 'more'),
    ]),
  ].filter(([, shown]) => shown !== '');
}

function floorPairs({ floor }: Results, order: FloorOrder): readonly Pair[] {
  const shares = (name: string): ReadonlyMap<number, number> =>
    new Map(
      floor.flatMap(({ peer, order: of, round, outcome }) =>
        peer === name && of === order && outcome.kind === 'measured' ? [[round, outcome.result.longShare]] : [],
      ),
    );
  const others = shares(nameBefore(SUBJECT));
  return [...shares(SUBJECT)].flatMap(([round, now]) => {
    const before = others.get(round);
    return before === undefined ? [] : [{ now, before }];
  });
}

/** What is noise is found in the figures themselves: those of few requests, such as p99, have far more than others. */
function shownOf(pairs: readonly Pair[], better: Better): string {
  const noise = noiseAmong([pairs.map(({ now }) => now), pairs.map(({ before }) => before)]);
  const comparison = compare(pairs, better, noise.length === 0 ? undefined : median(noise));
  return comparison === undefined ? '' : showComparison(comparison);
}

interface Place {
  readonly peer: string;
  readonly long: number;
  readonly round: number;
  readonly phase: string;
  readonly percent: number;
}

/** NaN where nothing was measured, infinite where nothing was answered. */
function latencyIn({ cells }: Results, { peer, long, round, phase, percent }: Place): number {
  const cell = cells.find((each) => each.peer === peer && each.long === long && each.round === round);
  if (cell === undefined || cell.outcome.kind === 'failed') return Number.NaN;
  if (cell.outcome.kind === 'never') return Number.POSITIVE_INFINITY;
  const found = cell.outcome.phases.find((each) => phaseName(each) === phase);
  if (found === undefined) return Number.NaN;
  return found.latenciesMs.length === 0 ? Number.POSITIVE_INFINITY : percentile(found.latenciesMs, percent);
}
