import type { Goal, Round } from './scenario.ts';

/** A contender in a column. */
export interface Cell {
  readonly contender: string;
  readonly column: string;
}

/** What a goal looks at. */
export interface Asked {
  readonly cells: readonly Cell[];
  /** Whether it looks for the best of several, whoever that is. */
  readonly looksForBest: boolean;
}

/** Found by having its figure reckoned out of nothing, and noting what it asks for. */
export function askedBy(goal: Goal): Asked {
  const cells: Cell[] = [];
  let looksForBest = false;
  const best = (): number => {
    looksForBest = true;
    return Number.NaN;
  };
  const round: Round = {
    value(contender, column) {
      cells.push({ contender, column });
      return Number.NaN;
    },
    most: best,
    least: best,
  };
  goal.figure(round);
  return { cells, looksForBest };
}

/** What has to be measured for these goals, and no more: whom, and of each what. */
export function wantedBy(goals: readonly Goal[]): {
  readonly asks: (cell: Cell) => boolean;
  readonly isMeant: (contender: { readonly name: string }) => boolean;
} {
  const cells = goals.flatMap((goal) => askedBy(goal).cells);
  return {
    asks: ({ contender, column }) => cells.some((cell) => cell.contender === contender && cell.column === column),
    isMeant: ({ name }) => cells.some(({ contender }) => contender === name),
  };
}
