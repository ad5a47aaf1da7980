import { phaseName, type PhaseResult } from '../load/phases.ts';
import type { Cell } from '../measure/cell.ts';
import { percentile, spreadOf, type Spread } from './statistics.ts';

/** What becomes of the rounds of one peer, with so many long requests, in one phase. */
export type Figure =
  | {
      readonly kind: 'measured';
      readonly p50: Spread;
      readonly p90: Spread;
      readonly p99: Spread;
      readonly max: Spread;
      /** Of all rounds. */
      readonly sent: number;
      readonly unanswered: number;
      /** Rounds in which nothing was answered, which the spreads leave out. */
      readonly neverRounds: number;
    }
  /** In most rounds no short request was answered. */
  | { readonly kind: 'never' }
  | { readonly kind: 'failed'; readonly why: string };

/** The cells of one peer, with so many long requests, as one figure for each phase; by the phase's name. */
function figuresOf(cells: readonly Cell[], peer: string, long: number): ReadonlyMap<string, Figure> | Figure | undefined {
  const outcomes = cells.filter((cell) => cell.peer === peer && cell.long === long).map(({ outcome }) => outcome);
  if (outcomes.length === 0) return undefined;
  const measured = outcomes.flatMap((outcome) => (outcome.kind === 'measured' ? [outcome] : []));
  const neverRounds = outcomes.filter(({ kind }) => kind === 'never').length;
  if (neverRounds * 2 > outcomes.length || (measured.length === 0 && neverRounds > 0)) return { kind: 'never' };
  if (measured.length === 0) {
    const failed = outcomes.find((outcome) => outcome.kind === 'failed');
    return { kind: 'failed', why: failed?.kind === 'failed' ? failed.why : 'not measured' };
  }
  const names = (measured[0]?.phases ?? []).map(phaseName);
  return new Map(
    names.map((name, index) => {
      const rounds = measured.flatMap(({ phases }) => phases[index] ?? []);
      return [name, figureOf(rounds, neverRounds)];
    }),
  );
}

/** The figure of one peer in one phase. */
export function figureIn(cells: readonly Cell[], peer: string, long: number, phase: string): Figure | undefined {
  const figures = figuresOf(cells, peer, long);
  return figures instanceof Map ? (figures as ReadonlyMap<string, Figure>).get(phase) : (figures as Figure | undefined);
}

function figureOf(rounds: readonly PhaseResult[], neverRounds: number): Figure {
  const answered = rounds.map(({ latenciesMs }) => latenciesMs).filter(({ length }) => length > 0);
  if (answered.length === 0) return { kind: 'never' };
  const spread = (percent: number): Spread => spreadOf(answered.map((latenciesMs) => percentile(latenciesMs, percent)));
  const sent = rounds.reduce((sum, round) => sum + round.sent, 0);
  return {
    kind: 'measured',
    p50: spread(50),
    p90: spread(90),
    p99: spread(99),
    max: spread(100),
    sent,
    unanswered: sent - answered.reduce((sum, { length }) => sum + length, 0),
    neverRounds,
  };
}

/** The phases that were measured, in their order. */
export function phasesOf(cells: readonly Cell[]): readonly string[] {
  const names = cells.flatMap(({ outcome }) => (outcome.kind === 'measured' ? outcome.phases.map(phaseName) : []));
  return [...new Set(names)];
}
