import * as nodeTimers from 'node:timers';
import { LONGEST_MS } from '../config/duration.ts';

type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;

/**
 * One timer for whatever is due next; it is moved only when it would ring too late. It keeps no process alive: where something is
 * due, there are workers or a server that do, if that is wanted.
 */
export class WakeTimer {
  readonly #ring: () => void;
  readonly #timers: Timers;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;
  #closed = false;

  /** @param timers Node's own by default: those of the global object may be mocked by a user's test */
  constructor(ring: () => void, timers: Timers = nodeTimers) {
    this.#ring = ring;
    this.#timers = timers;
  }

  /** @param atMs on the clock of performance.now(), or undefined when nothing is due */
  set(atMs: number | undefined, nowMs: number): void {
    if (this.#closed || atMs === undefined || atMs >= this.#atMs) return;
    this.#timers.clearTimeout(this.#timer);
    this.#atMs = atMs;
    this.#timer = this.#timers
      .setTimeout(
        () => {
          this.#atMs = Number.POSITIVE_INFINITY;
          this.#ring();
        },
        Math.max(0, Math.min(LONGEST_MS, Math.ceil(atMs - nowMs))),
      )
      .unref();
  }

  close(): void {
    this.#closed = true;
    this.#timers.clearTimeout(this.#timer);
  }
}
