import { type Spread, spreadOf } from '../report/statistics.ts';
import { type MatrixResults, roundOf } from './results.ts';
import type { Goal } from './scenario.ts';

/** What became of a goal: its figure of each round, as a spread. `met` is null where the run did not measure it. */
export interface JudgedGoal {
  readonly goal: Goal;
  readonly figure: Spread | undefined;
  readonly met: boolean | null;
}

/** A goal is judged by the median of the rounds: contenders of one round had the same machine, those of two rounds may have had two. */
export function judge(goals: readonly Goal[], results: MatrixResults): readonly JudgedGoal[] {
  return goals.map((goal) => {
    const rounds = Array.from({ length: results.rounds }, (_, index) => goal.figure(roundOf(results, index + 1))).filter(
      (figure) => !Number.isNaN(figure),
    );
    if (rounds.length === 0) return { goal, figure: undefined, met: null };
    const figure = spreadOf(rounds);
    return { goal, figure, met: goal.kind === 'least' ? figure.median >= goal.bound : figure.median <= goal.bound };
  });
}
