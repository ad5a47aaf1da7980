import { LONGEST_MS } from '../config/duration.ts';

/**
 * One timer for whatever is due next; it is moved only when it would ring too late. It keeps no process alive: where something is
 * due, there are workers or a server that do, if that is wanted.
 */
export class WakeTimer {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** @param atMs on the clock of performance.now(), or undefined when nothing is due */
  set(atMs: number | undefined, nowMs: number): void {
    if (this.#closed || atMs === undefined || atMs >= this.#atMs) return;
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#atMs = Number.POSITIVE_INFINITY;
        this.#ring();
      },
      Math.max(0, Math.min(LONGEST_MS, Math.ceil(atMs - nowMs))),
    ).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
