import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { publish } from '../events/events.ts';
import type { BackendFigures } from './call-backend.ts';
import type { EndedCall } from './call-task.ts';
import type { Isolation } from './pool-options.ts';

/** A snapshot of a pool. Times are ms, of calls that began, since the pool was made. */
export interface PoolStats {
  /** That of the pool; workers of all kinds are counted together. */
  readonly isolation: Isolation;
  /** Of all kinds. */
  readonly workers: {
    /** All of them, those that boot or end included; none with `inline`. */
    readonly alive: number;
    /** Those that boot. */
    readonly starting: number;
  };
  /** Calls that were not begun. */
  readonly waiting: number;
  /** Calls that were begun and have not ended. */
  readonly running: number;
  /** How often a call was started once more, since its worker had ended. */
  readonly retried: number;
  /** Calls that gave a result. */
  readonly completed: number;
  /** Rejected, for whatever reason but a signal. */
  readonly failed: number;
  /** Given up by a signal. */
  readonly cancelled: number;
  /** From the call to its begin. */
  readonly waitMs: Times;
  /** From its begin to its end. */
  readonly runMs: Times;
}

/** What was measured, in ms; zeros before anything was. */
export interface Times {
  /** The arithmetic mean. */
  readonly mean: number;
  /** The median. */
  readonly p50: number;
  /** 99 of 100 are at most this. */
  readonly p99: number;
  /** The longest. */
  readonly max: number;
}

const MICROS = 1000;

/** Counts the calls of a pool and measures them. */
export class CallCounts {
  readonly #ended = { completed: 0, failed: 0, cancelled: 0 };
  readonly #waited = createHistogram();
  readonly #ran = createHistogram();

  count({ name, end = 'failed', arrivedMs, startedMs, endedMs = performance.now() }: EndedCall): void {
    this.#ended[end] += 1;
    if (startedMs === undefined) {
      publish({ type: 'call:ended', name, end, waitMs: null, runMs: null });
      return;
    }
    const [waitMs, runMs] = [startedMs - arrivedMs, Math.max(0, endedMs - startedMs)];
    record(this.#waited, waitMs);
    record(this.#ran, runMs);
    publish({ type: 'call:ended', name, end, waitMs, runMs });
  }

  /** One that never came to the workers. */
  refuse(end: 'failed' | 'cancelled'): void {
    this.#ended[end] += 1;
  }

  /** @param figures of each place where calls run */
  stats(isolation: Isolation, figures: readonly BackendFigures[]): PoolStats {
    const sum = (of: keyof BackendFigures): number => figures.reduce((total, each) => total + each[of], 0);
    return {
      isolation,
      workers: { alive: sum('workers'), starting: sum('starting') },
      waiting: sum('waiting'),
      running: sum('running'),
      retried: sum('retried'),
      ...this.#ended,
      waitMs: timesOf(this.#waited),
      runMs: timesOf(this.#ran),
    };
  }
}

/** A histogram holds whole numbers from 1 on. */
function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(1, Math.round(ms * MICROS)));
}

function timesOf(histogram: RecordableHistogram): Times {
  if (histogram.count === 0) return { mean: 0, p50: 0, p99: 0, max: 0 };
  const { mean, max } = histogram;
  const [p50, p99] = [histogram.percentile(50), histogram.percentile(99)];
  return { mean: mean / MICROS, p50: p50 / MICROS, p99: p99 / MICROS, max: max / MICROS };
}
