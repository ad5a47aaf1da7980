import type { Goal, Round } from './scenario.ts';

/** What a goal looks at. */
export interface Asked {
  readonly contenders: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
  /** Whether it looks for the best of several, whoever that is. */
  readonly looksForBest: boolean;
}

/** Found by having its figure reckoned out of nothing, and noting what it asks for. */
export function askedBy(goal: Goal): Asked {
  const contenders = new Set<string>();
  const columns = new Set<string>();
  let looksForBest = false;
  const best = (column: string): number => {
    columns.add(column);
    looksForBest = true;
    return Number.NaN;
  };
  const round: Round = {
    value(contender, column) {
      contenders.add(contender);
      columns.add(column);
      return Number.NaN;
    },
    most: best,
    least: best,
  };
  goal.figure(round);
  return { contenders, columns, looksForBest };
}
