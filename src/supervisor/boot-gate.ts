import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { publish } from '../events/events.ts';
import { afterFailure, type BootRecord, bootsAllowed, isPaused, NO_FAILURES } from './decisions/boot-policy.ts';

export interface BootBackOffListener {
  onBootsPaused(paused: boolean): void;
  /** A wait after a failed boot is over. */
  onBootsAllowed(): void;
}

/** Keeps the record of boots that failed, and wakes whoever wants to boot when the next one may be tried. */
export class BootBackOff {
  readonly #listener: BootBackOffListener;
  #record: BootRecord = NO_FAILURES;
  #timer: NodeJS.Timeout | undefined;

  constructor(listener: BootBackOffListener) {
    this.#listener = listener;
  }

  /** How many of the missing workers may be booted now. */
  allowed(missing: number, starting: number): number {
    return bootsAllowed(this.#record, missing, starting, performance.now());
  }

  succeeded(): void {
    if (isPaused(this.#record)) {
      publish({ type: 'boots:resumed' });
      this.#listener.onBootsPaused(false);
    }
    this.#record = NO_FAILURES;
  }

  failed(): void {
    const wasPaused = isPaused(this.#record);
    const nowMs = performance.now();
    this.#record = afterFailure(this.#record, nowMs);
    const waitMs = this.#record.notBeforeMs - nowMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#listener.onBootsAllowed(), Math.ceil(waitMs) + 1).unref();
    if (!isPaused(this.#record)) return;
    publish({ type: 'boots:paused', failures: this.#record.failuresInRow, retryMs: Math.round(waitMs) });
    if (!wasPaused) this.#listener.onBootsPaused(true);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
