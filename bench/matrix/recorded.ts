import { median } from '../report/statistics.ts';
import type { Goal } from './scenario.ts';

/** By so much a ratio may be worse than the recorded one. */
const FACTOR = 2;
/** By so much the least and the most of one ratio may differ, on a quiet machine: well below the factor. */
const ALIKE = 1.5;

/**
 * A ratio of two figures of one run beside the recorded one. One that was never recorded judges nobody. One that is recorded and was not measured is worse
 * than any.
 */
export function isWorse(goal: Goal, figure: number | undefined, recorded: number | undefined): boolean {
  return recorded !== undefined && (figure === undefined || worseBy(goal, figure, recorded) > FACTOR);
}

/** The middle one of several measurements of one ratio; undefined when they differ too much for any to be compared with. */
export function settle(figures: readonly number[]): number | undefined {
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  return least > 0 && most <= ALIKE * least ? median(figures) : undefined;
}

function worseBy({ kind }: Goal, figure: number, recorded: number): number {
  return kind === 'least' ? recorded / figure : figure / recorded;
}
