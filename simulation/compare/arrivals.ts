/**
 * The load under which ways to share out tasks are compared. Per CPU it is the same for any number of them, 0.7 in all: many short tasks,
 * as much again three times over in long ones that come one by one, and as much in long ones that come together, as many at once as there
 * are CPUs. That is the hard moment: a report is started for everybody, and short tasks go on coming.
 */
import { power } from '../kernel/exact-math.ts';
import { Random } from '../kernel/random.ts';

export interface Arrival {
  readonly atMs: number;
  /** CPU time that it needs. */
  readonly runMs: number;
  /** Time that it waits for something else after that. Default 0. */
  readonly waitMs?: number;
  readonly isLong: boolean;
}

export interface Arrivals {
  readonly list: readonly Arrival[];
  /** Those that came before are not counted: everybody has a while to get going. */
  readonly countFromMs: number;
}

const SHORT = { alpha: 1.5, lowMs: 5, highMs: 45, load: 0.1 } as const;
const LONG = { alpha: 1.1, lowMs: 200, highMs: 10_000, load: 0.3, loadTogether: 0.3 } as const;
const WARM_UP_MS = 5000;
const LEAST_MS = 30_000;

/** What short tasks need, ms. */
export const SHORT_MEAN_MS = meanOf(SHORT);

export function drawShortMs(random: Random): number {
  return random.boundedPareto(SHORT.alpha, SHORT.lowMs, SHORT.highMs);
}

/** @param shortTasks how many of them there are at least */
export function drawArrivals(seed: string, cpus: number, shortTasks: number): Arrivals {
  const random = new Random(seed);
  const shortGapMs = SHORT_MEAN_MS / (SHORT.load * cpus);
  const endMs = WARM_UP_MS + Math.max(LEAST_MS, shortTasks * shortGapMs);
  const list = [
    ...stream(random.stream('short'), shortGapMs, endMs, false, 1),
    ...stream(random.stream('long'), meanOf(LONG) / (LONG.load * cpus), endMs, true, 1),
    ...stream(random.stream('together'), meanOf(LONG) / LONG.loadTogether, endMs, true, cpus),
  ];
  return { list: list.toSorted((one, other) => one.atMs - other.atMs), countFromMs: WARM_UP_MS };
}

function* stream(random: Random, gapMs: number, endMs: number, isLong: boolean, atOnce: number): Iterable<Arrival> {
  const { alpha, lowMs, highMs } = isLong ? LONG : SHORT;
  for (let atMs = random.exponential(gapMs); atMs < endMs; atMs += random.exponential(gapMs))
    for (let count = 0; count < atOnce; count += 1) yield { atMs, runMs: random.boundedPareto(alpha, lowMs, highMs), isLong };
}

/** Mean of a bounded Pareto distribution. */
function meanOf({ alpha, lowMs, highMs }: typeof SHORT | typeof LONG): number {
  const inBounds = 1 - power(lowMs / highMs, alpha);
  return ((power(lowMs, alpha) / inBounds) * alpha * (power(lowMs, 1 - alpha) - power(highMs, 1 - alpha))) / (alpha - 1);
}
