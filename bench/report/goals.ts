import { median } from './statistics.ts';
import type { Results } from './results.ts';
import { figureIn, phasesOf, type Figure } from './summary.ts';

/** What the project promises, with what was measured. `met` is null where the run did not measure it. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean | null;
}

const SUBJECT = 'prefork-pool';
const LONG = [8, 32];
const P50_LIMIT = 1.2;
const P99_LIMIT = 2;
const LONG_LIMIT = 1.05;
const FLOOR = 0.1;
const DELAY_LIMIT_MS = 20;

/** A promise about short requests holds only if it holds in each of the four ways in which they come. */
export function goalsOf(results: Results): readonly Goal[] {
  const ratios = LONG.flatMap((long) =>
    results.options.long.includes(long)
      ? [ratioGoal(results, long, 'p50', P50_LIMIT), ratioGoal(results, long, 'p99', P99_LIMIT)]
      : [],
  );
  return [...ratios, bestPeerGoal(results), twoLongGoal(results), floorGoal(results), delayGoal(results)];
}

/** p50 or p99 of a figure divided by that of another; NaN where one of them was not measured. */
export function ratio(of: Figure | undefined, by: Figure | undefined, which: 'p50' | 'p99'): number {
  if (of?.kind !== 'measured' || by?.kind !== 'measured') return Number.NaN;
  return of[which].median / by[which].median;
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

function ratioGoal(results: Results, long: number, which: 'p50' | 'p99', limit: number): Goal {
  const phases = phasesOf(results.cells);
  const found = phases.map((phase) =>
    ratio(figureIn(results.cells, SUBJECT, long, phase), figureIn(results.cells, SUBJECT, 0, phase), which),
  );
  // Percentiles are of what was answered: one that was not is slower than any.
  const lost = phases.reduce((sum, phase) => sum + unansweredOf(figureIn(results.cells, SUBJECT, long, phase)), 0);
  return {
    goal: `with ${long} long ones, ${which} of the short ones is at most ${limit} times that with none`,
    measured: lost > 0 ? `${list(found)}; ${lost} unanswered` : list(found),
    met: found.length === 0 ? null : lost === 0 && found.every((value) => value <= limit),
  };
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
    measured: ratios.length === 0 ? '' : `${median(ratios).toFixed(3)} (median of ${list(ratios)})`,
    met: ratios.length === 0 ? null : median(ratios) <= LONG_LIMIT,
  };
}

function floorGoal({ floor }: Results): Goal {
  const shares = floor.map(({ longShare }) => longShare);
  const idle = floor.map(({ idleShare }) => idleShare);
  return {
    goal: `while short ones saturate the machine, the long ones keep at least ${FLOOR * 100} % of its CPU time`,
    measured: shares.length === 0 ? '' : `${percent(median(shares))} (${percent(median(idle))} idle)`,
    met: shares.length === 0 ? null : median(shares) >= FLOOR,
  };
}

function delayGoal(results: Results): Goal {
  const delays = results.cells.flatMap(({ peer, outcome }) =>
    peer === SUBJECT && outcome.kind === 'measured' && outcome.delay !== null ? [outcome.delay.p99Ms] : [],
  );
  return {
    goal: `the primary's event-loop delay stays under ${DELAY_LIMIT_MS} ms at p99`,
    measured: delays.length === 0 ? '' : `at most ${Math.max(...delays).toFixed(1)} ms`,
    met: delays.length === 0 ? null : Math.max(...delays) < DELAY_LIMIT_MS,
  };
}

function unansweredOf(figure: Figure | undefined): number {
  return figure?.kind === 'measured' ? figure.unanswered : 0;
}

function list(values: readonly number[]): string {
  return values.map((value) => (Number.isNaN(value) ? 'never' : value.toFixed(2))).join(', ');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
