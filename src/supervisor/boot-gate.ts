import { performance } from 'node:perf_hooks';
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { publish } from '../events/events.ts';
import { afterFailure, type BootRecord, bootsAllowed, isPaused, NO_FAILURES } from './decisions/boot-policy.ts';

export interface BootGateListener {
  onBootsPaused(paused: boolean): void;
  /** A wait is over: of as many as are missing now, the next one may be booted. */
  onBootsAllowed(): void;
}

/**
 * Says when the next worker may be booted: after boots that failed there is a wait, and a spawn holds this thread up for some ms, so there is one in each
 * turn of the event loop, and what came meanwhile is seen to in between.
 */
export class BootGate {
  readonly #listener: BootGateListener;
  #record: BootRecord = NO_FAILURES;
  #timer: NodeJS.Timeout | undefined;
  /** Of the turn that has had its spawn. */
  #turnEnd: NodeJS.Immediate | undefined;

  constructor(listener: BootGateListener) {
    this.#listener = listener;
  }

  /** Whether one of the missing workers may be booted now. */
  isOpen(missing: number, starting: number): boolean {
    return this.#turnEnd === undefined && bootsAllowed(this.#record, missing, starting, performance.now()) > 0;
  }

  /** One is booted. */
  pass(): void {
    this.#turnEnd = setImmediate(() => {
      this.#turnEnd = undefined;
      this.#listener.onBootsAllowed();
    });
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
    clearImmediate(this.#turnEnd);
  }
}
