/**
 * Learns what the tasks of each key cost, and says of a new one whether it is long, or brief. It answers "long" only with
 * confidence: a short task that is sent to the long lane loses far more than a long one that has to be demoted. Bounded in keys,
 * constant time for each task, and without a clock.
 */

/** Long runs in a row, and not one short, before the tasks of a key are expected to be long. */
const ENOUGH = 32;
/** The same for a key that was short before: one path that serves all sizes has long streaks by chance. */
const ENOUGH_AFTER_SHORT = 256;
/** A key that turned out to be short after as many takes twice as many the next time, up to these: what is wrong about a key happens a dozen times, and no more. */
const MOST_NEEDED = 2 ** 20;
/** Every so many of the tasks that are expected to be long, one is tried as a short one: the key may have turned. */
const PROBE_EVERY = 8;
/** The tasks of a key are known to be brief when so many runs took no longer than this. */
const BRIEF_MS = 5;
const ENOUGH_BRIEF = 32;
/** One that took longer counts against so many: a garbage collection, or other processes in between, befall the briefest. Of more than these are remembered none. */
const ONE_LONGER = 16;
const MOST_BRIEF = 2 * ENOUGH_BRIEF;
/** Brief runs in a row, and not one longer, before somebody may wait behind the next one though a worker is free. */
const ENOUGH_STEADY = 1000;
/** Weight of the newest run in the mean. */
const NEWEST = 1 / 8;
const MOST_KEYS = 1024;

interface KeyCost {
  longInRow: number;
  /** Brief runs, less those that the longer ones count against. */
  brief: number;
  briefInRow: number;
  /** Long runs in a row before it is expected to be long. */
  needed: number;
  expectedLong: number;
  meanMs: number;
}

export interface Expectation {
  readonly lane: 'short' | 'long';
  /** So short that others may wait behind it. */
  readonly brief: boolean;
  /** Brief, as each one was for long. */
  readonly steady: boolean;
  /** Mean of the latest run times, ms; 0 when nothing is known. */
  readonly runMs: number;
}

const UNKNOWN: Expectation = { lane: 'short', brief: false, steady: false, runMs: 0 };

export class CostModel {
  readonly #quantumMs: number;
  /** Least recently used first: a Map keeps the order of insertion. */
  readonly #keys = new Map<string, KeyCost>();

  constructor(quantumMs: number) {
    this.#quantumMs = quantumMs;
  }

  get keyCount(): number {
    return this.#keys.size;
  }

  /** What to expect of the next task of a key. Counts as a question for a task that is about to be queued. */
  expect(key: string): Expectation {
    const cost = this.#keys.get(key);
    if (cost === undefined) return UNKNOWN;
    const { meanMs: runMs } = cost;
    if (!isLong(cost))
      return { lane: 'short', brief: cost.brief >= ENOUGH_BRIEF, steady: cost.briefInRow >= ENOUGH_STEADY, runMs };
    cost.expectedLong += 1;
    return { lane: cost.expectedLong % PROBE_EVERY === 0 ? 'short' : 'long', brief: false, steady: false, runMs };
  }

  /** Takes the run time of a task that is over. */
  learn(key: string, runMs: number): void {
    const cost = this.#touch(key, runMs);
    cost.meanMs += (runMs - cost.meanMs) * NEWEST;
    cost.brief = runMs > BRIEF_MS ? Math.max(0, cost.brief - ONE_LONGER) : Math.min(MOST_BRIEF, cost.brief + 1);
    cost.briefInRow = runMs > BRIEF_MS ? 0 : cost.briefInRow + 1;
    if (runMs > this.#quantumMs) cost.longInRow += 1;
    else {
      const wasWrong = cost.needed > ENOUGH && isLong(cost);
      cost.needed = wasWrong ? Math.min(MOST_NEEDED, 2 * cost.needed) : Math.max(ENOUGH_AFTER_SHORT, cost.needed);
      cost.longInRow = 0;
      cost.expectedLong = 0;
    }
  }

  #touch(key: string, runMs: number): KeyCost {
    const known = this.#keys.get(key);
    // Who was used last matters only where one will have to go.
    if (known !== undefined && this.#keys.size <= MOST_KEYS / 2) return known;
    const cost = known ?? { longInRow: 0, brief: 0, briefInRow: 0, needed: ENOUGH, expectedLong: 0, meanMs: runMs };
    this.#keys.delete(key);
    this.#keys.set(key, cost);
    if (this.#keys.size > MOST_KEYS) this.#keys.delete(this.#keys.keys().next().value ?? '');
    return cost;
  }
}

function isLong(cost: KeyCost): boolean {
  return cost.longInRow >= cost.needed;
}
