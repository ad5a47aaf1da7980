import { median, type Spread, spreadOf } from './statistics.ts';

/** Which way a figure is better; `neither` where that depends on others. */
export type Better = 'more' | 'less' | 'neither';

/** One figure in one round: of the present build, and of the one before. */
export interface Pair {
  readonly now: number;
  readonly before: number;
}

export type Verdict = 'better' | 'worse' | 'differs' | 'noise';

/** Ratios now : before within the rounds. */
export interface Comparison {
  readonly ratio: Spread;
  readonly verdict: Verdict;
  /** False after one round, which shows no noise. */
  readonly isSure: boolean;
}

/** So many of the rounds have to agree on which of two is larger. */
const AGREEING = 0.75;

/**
 * A difference is noise when it is below the noise floor, or when fewer than three of four rounds agree on which of the two is larger.
 *
 * @param floor a ratio of 1 or more; undefined after one round
 * @returns undefined where no round has both figures, or nothing to divide
 */
export function compare(pairs: readonly Pair[], better: Better, floor: number | undefined): Comparison | undefined {
  const ratios = pairs.map(({ now, before }) => now / before).filter((ratio) => !Number.isNaN(ratio));
  if (ratios.length === 0) return undefined;
  const ratio = spreadOf(ratios);
  return { ratio, verdict: verdictOf(ratios, better, floor ?? 1), isSure: floor !== undefined };
}

function verdictOf(ratios: readonly number[], better: Better, floor: number): Verdict {
  const middle = median(ratios);
  const agreeing = ratios.filter((ratio) => (middle > 1 ? ratio > 1 : ratio < 1)).length;
  if (Math.max(middle, 1 / middle) <= floor || agreeing < AGREEING * ratios.length) return 'noise';
  if (better === 'neither') return 'differs';
  return middle > 1 === (better === 'more') ? 'better' : 'worse';
}

/** `1.24 (1.20–1.31), better`: the ratio, the range of the rounds, and what to think of it; with a question mark after one round. */
export function showComparison({ ratio, verdict, isSure }: Comparison): string {
  const { median: middle, least, most } = ratio;
  const range = least === most ? '' : ` (${showFactor(least)}–${showFactor(most)})`;
  return `${showFactor(middle)}${range}, ${verdict}${isSure ? '' : '?'}`;
}

/** Infinite where there was nothing before, or where what ended before never does now. */
function showFactor(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(2) : '∞';
}

/** What the verdicts mean, for whoever reads them. */
export function aboutVerdicts(rounds: number, floor: string): string {
  const what = 'Each is the median of the ratios within the rounds, now divided by before';
  if (rounds === 1) return `${what}. Question marks: one round shows no noise, so that any difference may be some.`;
  return `${what}, with the range of the rounds. "noise": below the noise floor (${floor}), or fewer than three of four rounds agree.`;
}
