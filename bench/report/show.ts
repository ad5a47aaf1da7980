import type { Figure } from './summary.ts';

/** Milliseconds with as many digits as say something. */
export function showMs(ms: number): string {
  if (Number.isNaN(ms)) return '–';
  return ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
}

/** `1.02 / 4.30`: p50 and p99, with what was not answered. */
export function showFigure(figure: Figure | undefined): string {
  if (figure === undefined) return '';
  switch (figure.kind) {
    case 'never':
      return 'never';
    case 'failed':
      return 'failed';
    case 'measured': {
      const { p50, p99, unanswered, sent, neverRounds } = figure;
      const notes = [
        ...(unanswered > 0 ? [`${unanswered} of ${sent} unanswered`] : []),
        ...(neverRounds > 0 ? [`never in ${neverRounds} rounds`] : []),
      ];
      return `${showMs(p50.median)} / ${showMs(p99.median)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
    }
  }
}

/** `1.02 (0.99–1.10)`: the median and the range of the rounds. */
export function showSpread({ median, least, most }: { median: number; least: number; most: number }): string {
  return `${showMs(median)} (${showMs(least)}–${showMs(most)})`;
}

/** `18.6 %` of 0.186. */
export function showShare(share: number): string {
  return Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`;
}

export function showRatio(ratio: number): string {
  return Number.isNaN(ratio) ? '–' : ratio.toFixed(2);
}

export function showMet(met: boolean | null): string {
  return met === null ? 'not measured' : met ? 'met' : 'missed';
}
