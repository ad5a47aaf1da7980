import { type Goal, GOAL_LONG, SUBJECT } from './goal.ts';
import { listRatios, lostOf, type Percentile, ratio } from './ratios.ts';
import type { Results } from './results.ts';
import { figureIn, phasesOf } from './summary.ts';

interface Reference {
  readonly name: string;
  readonly claim: string;
  readonly holds: (times: number) => boolean;
}

const REFERENCES: readonly Reference[] = [
  { name: 'go', claim: "is below Go's", holds: (times) => times < 1 },
  { name: 'erlang', claim: "is at most Erlang's", holds: (times) => times <= 1 },
];

/** How prefork stands beside what schedules finer than processes do, in the four ways in which short requests come. */
export function referenceGoals(results: Results): readonly Goal[] {
  const counts = GOAL_LONG.filter((long) => results.options.long.includes(long));
  return REFERENCES.flatMap((reference) =>
    counts.flatMap((long) => (['p50', 'p99'] as const).map((which) => goalOf(results, reference, long, which))),
  );
}

function goalOf(results: Results, { name, claim, holds }: Reference, long: number, which: Percentile): Goal {
  const goal = `with ${long} long ones, ${which} of the short ones ${claim}`;
  const pairs = phasesOf(results.cells).map((phase) => ({
    own: figureIn(results.cells, SUBJECT, long, phase),
    other: figureIn(results.cells, name, long, phase),
  }));
  const isMeasured = pairs.every(({ own, other }) => own !== undefined && other !== undefined && other.kind !== 'failed');
  if (pairs.length === 0 || !isMeasured) return { goal, measured: '', met: null };
  // Whoever answers is ahead of one that does not.
  const times = pairs.map(({ own, other }) =>
    own?.kind === 'measured' && other?.kind === 'never' ? 0 : ratio(own, other, which),
  );
  const lost = lostOf(pairs.map(({ own }) => own));
  return { goal, measured: `${listRatios(times)} times ${name}${lost}`, met: lost === '' && times.every(holds) };
}
