import type { BeforeEntry } from '../before/before.ts';
import type { Machine } from '../report/machine.ts';
import { median, noiseAmong, type Spread, spreadOf } from '../report/statistics.ts';
import type { Column, ContenderKind, Round, Value } from './scenario.ts';

/** `before` is a contender of ours with another build of prefork. */
export type EntrantKind = ContenderKind | 'before';

export interface ContenderEntry {
  readonly name: string;
  readonly kind: EntrantKind;
  readonly what: string;
  /** Why it was not measured; null when it was. */
  readonly missing: string | null;
}

export interface MeasuredValue extends Value {
  readonly round: number;
  readonly contender: string;
}

export interface Failure {
  readonly round: number;
  readonly contender: string;
  readonly why: string;
}

/** All that a run of a scenario found out, as it is written to disk. */
export interface MatrixResults {
  readonly format: 1;
  readonly scenario: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** The build of prefork beside the present one, if any; results of 2026-11 do not tell. */
  readonly before?: BeforeEntry | null;
  readonly contenders: readonly ContenderEntry[];
  readonly columns: readonly Column[];
  /** The order of the contenders in each round. */
  readonly order: readonly (readonly string[])[];
  readonly values: readonly MeasuredValue[];
  readonly failures: readonly Failure[];
}

/** The rounds of one contender in one column; infinite where it never came to pass. */
function roundsOf(results: MatrixResults, contender: string, column: string): readonly number[] {
  return results.values
    .filter((value) => value.contender === contender && value.column === column)
    .map(({ value }) => value ?? Number.POSITIVE_INFINITY);
}

/** undefined where nothing was measured. */
export function figureOf(results: MatrixResults, contender: string, column: string): Spread | undefined {
  const rounds = roundsOf(results, contender, column);
  return rounds.length === 0 ? undefined : spreadOf(rounds);
}

/** One round, as the goals look at it. */
export function roundOf(results: MatrixResults, round: number): Round {
  const values = new Map(
    results.values
      .filter((value) => value.round === round)
      .map(({ contender, column, value }) => [`${contender}\n${column}`, value ?? Number.POSITIVE_INFINITY]),
  );
  const value = (contender: string, column: string): number => values.get(`${contender}\n${column}`) ?? Number.NaN;
  const all = (column: string, isMeant: (contender: string) => boolean): readonly number[] =>
    results.contenders
      .filter(({ name }) => isMeant(name))
      .map(({ name }) => value(name, column))
      .filter((found) => !Number.isNaN(found));
  const orNaN = (found: number): number => (Number.isFinite(found) ? found : Number.NaN);
  return {
    value,
    most: (column, isMeant) => orNaN(Math.max(...all(column, isMeant))),
    least: (column, isMeant) => orNaN(Math.min(...all(column, isMeant))),
  };
}

/**
 * By how much the rounds of each contender in each column differ. What differs by less than that between two contenders is noise.
 */
export function noiseOf(results: MatrixResults): readonly number[] {
  return noiseAmong(
    results.contenders.flatMap(({ name }) => results.columns.map((column) => roundsOf(results, name, column.name))),
  );
}

/** What differs by less than that, as a ratio, is noise; undefined after one round. */
export function noiseFloorOf(results: MatrixResults): number | undefined {
  const noise = noiseOf(results);
  return noise.length === 0 ? undefined : median(noise);
}
