import type { Results } from './results.ts';
import { figureIn, type Figure } from './summary.ts';

export type Percentile = 'p50' | 'p99';

/** p50 or p99 of a figure divided by that of another; NaN where one of them was not measured. */
export function ratio(of: Figure | undefined, by: Figure | undefined, which: Percentile): number {
  if (of?.kind !== 'measured' || by?.kind !== 'measured') return Number.NaN;
  return of[which].median / by[which].median;
}

export function listRatios(ratios: readonly number[]): string {
  return ratios.map((value) => (Number.isNaN(value) ? 'never' : value.toFixed(2))).join(', ');
}

/** What was not answered, as a part of a sentence; empty where all was. Percentiles are of what was answered: one that was not is slower than any. */
export function lostOf(figures: readonly (Figure | undefined)[]): string {
  const measured = figures.flatMap((figure) => (figure?.kind === 'measured' ? [figure] : []));
  const unanswered = measured.reduce((sum, figure) => sum + figure.unanswered, 0);
  const neverRounds = Math.max(0, ...measured.map((figure) => figure.neverRounds));
  return [
    ...(unanswered > 0 ? [`; ${unanswered} unanswered`] : []),
    ...(neverRounds > 0 ? [`; never in ${neverRounds} rounds`] : []),
  ].join('');
}

/** The peer (no server of ours, no reference) that answered all without long requests, and whose p50 is the least. */
export function bestPeer(results: Results, phase: string): { readonly name: string; readonly figure: Figure } | undefined {
  return results.peers
    .filter(({ kind }) => kind === 'node')
    .flatMap(({ name }) => {
      const figure = figureIn(results.cells, name, 0, phase);
      return figure?.kind === 'measured' && figure.unanswered === 0 ? [{ name, figure, ms: figure.p50.median }] : [];
    })
    .toSorted((a, b) => a.ms - b.ms)[0];
}
