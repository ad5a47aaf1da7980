import { delayGoal } from './delays.ts';
import { floorGoal } from './floor-goal.ts';
import { type Goal, GOAL_LONG, SUBJECT } from './goal.ts';
import { bestPeer, listRatios, lostOf, type Percentile, ratio } from './ratios.ts';
import { referenceGoals } from './reference-goals.ts';
import type { Results } from './results.ts';
import { median } from './statistics.ts';
import { figureIn, phasesOf } from './summary.ts';

const P50_LIMIT = 1.2;
const P99_LIMIT = 2;
const LONG_LIMIT = 1.05;

/** A promise about short requests holds only if it holds in each of the four ways in which they come. */
export function goalsOf(results: Results): readonly Goal[] {
  const ratios = GOAL_LONG.flatMap((long) =>
    results.options.long.includes(long)
      ? [ratioGoal(results, long, 'p50', P50_LIMIT), ratioGoal(results, long, 'p99', P99_LIMIT)]
      : [],
  );
  return [
    ...ratios,
    ...referenceGoals(results),
    bestPeerGoal(results),
    twoLongGoal(results),
    floorGoal(results),
    delayGoal(results),
  ];
}

function ratioGoal(results: Results, long: number, which: Percentile, limit: number): Goal {
  const goal = `with ${long} long ones, ${which} of the short ones is at most ${limit} times that with none`;
  const pairs = phasesOf(results.cells).map((phase) => ({
    own: figureIn(results.cells, SUBJECT, long, phase),
    base: figureIn(results.cells, SUBJECT, 0, phase),
  }));
  const isMeasured = pairs.some(({ own, base }) => own !== undefined && base !== undefined);
  if (!isMeasured) return { goal, measured: '', met: null };
  const found = pairs.map(({ own, base }) => ratio(own, base, which));
  const lost = lostOf(pairs.map(({ own }) => own));
  return { goal, measured: `${listRatios(found)}${lost}`, met: lost === '' && found.every((value) => value <= limit) };
}

function bestPeerGoal(results: Results): Goal {
  const compared = phasesOf(results.cells).flatMap((phase) => {
    const best = bestPeer(results, phase);
    const own = figureIn(results.cells, SUBJECT, 0, phase);
    return best === undefined || own?.kind !== 'measured' ? [] : [{ name: best.name, value: ratio(own, best.figure, 'p50') }];
  });
  return {
    goal: 'with no long ones, p50 is no worse than the best peer has it',
    measured: compared.map(({ name, value }) => `${value.toFixed(2)} times ${name}`).join(', '),
    met: compared.length === 0 ? null : compared.every(({ value }) => value <= 1),
  };
}

function twoLongGoal({ twoLong }: Results): Goal {
  const ratios = twoLong.map(({ preforkMs, bareMs }) => preforkMs / bareMs);
  return {
    goal: `two long ones alone take at most ${LONG_LIMIT} times what two bare processes take`,
    measured: ratios.length === 0 ? '' : `${median(ratios).toFixed(3)} (median of ${listRatios(ratios)})`,
    met: ratios.length === 0 ? null : median(ratios) <= LONG_LIMIT,
  };
}
