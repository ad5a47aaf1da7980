import type { Goal } from './scenario.ts';

export interface Comparison {
  readonly key: string;
  readonly goal: Goal;
  /** undefined where it was not measured. */
  readonly figure: number | undefined;
  readonly recorded: number | undefined;
  readonly isWorse: boolean;
}

const FACTOR = 2;

/**
 * A ratio of two figures of one run beside the recorded one. What is in ms or MB belongs to the machine, and is only shown; so is a ratio that was never
 * recorded. One that is recorded and was not measured is worse than any.
 */
export function compare(goal: Goal, key: string, figure: number | undefined, recorded: number | undefined): Comparison {
  const isComparable = recorded !== undefined && goal.unit === 'times';
  return {
    key,
    goal,
    figure,
    recorded,
    isWorse: isComparable && (figure === undefined || worseBy(goal, figure, recorded) > FACTOR),
  };
}

function worseBy({ kind }: Goal, figure: number, recorded: number): number {
  return kind === 'least' ? recorded / figure : figure / recorded;
}
