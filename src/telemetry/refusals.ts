/**
 * Requests that are turned away for want of room come in thousands a second, each for the reason of the one before it. A line for each would cost as much as
 * the answer, and fill the disk: the first one of a code is logged, and of those that follow how many there were, each second.
 */
import { clearInterval, setInterval } from 'node:timers';

const EVERY_MS = 1000;

const REFUSALS: ReadonlySet<string> = new Set(['ERR_QUEUE_FULL', 'ERR_QUEUE_TIMEOUT', 'ERR_LONG_LANE_FULL', 'ERR_NO_WORKER']);

export class Refusals {
  readonly #tell: (code: string, count: number) => void;
  /** How many of each code were left out since the last look. */
  readonly #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param tell is told how many of a code were left out in the last second */
  constructor(tell: (code: string, count: number) => void) {
    this.#tell = tell;
  }

  /** @returns whether a failure with this code is to be left out, because it is counted */
  leavesOut(code: string): boolean {
    if (!REFUSALS.has(code)) return false;
    const count = this.#counts.get(code);
    this.#counts.set(code, count === undefined ? 0 : count + 1);
    this.#timer ??= setInterval(() => this.#look(), EVERY_MS).unref();
    return count !== undefined;
  }

  /** Tells the rest. */
  end(): void {
    clearInterval(this.#timer);
    for (const [code, count] of this.#counts) if (count > 0) this.#tell(code, count);
    this.#counts.clear();
  }

  /** After a second without one of its kind the next one is a first one again. */
  #look(): void {
    for (const [code, count] of this.#counts) {
      if (count === 0) this.#counts.delete(code);
      else {
        this.#counts.set(code, 0);
        this.#tell(code, count);
      }
    }
    if (this.#counts.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
