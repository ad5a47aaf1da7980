import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { publish } from '../events/events.ts';
import type { BackendFigures } from './call-backend.ts';
import type { EndedCall } from './call-task.ts';
import type { Isolation } from './pool-options.ts';

/** A snapshot of a pool. Times are ms, of calls that began, since the pool was made. */
export interface PoolStats {
  readonly isolation: Isolation;
  readonly workers: {
    /** All of them, those that boot or end included; none with `inline`. */
    readonly alive: number;
    readonly starting: number;
  };
  /** Calls that were not begun. */
  readonly waiting: number;
  readonly running: number;
  readonly completed: number;
  /** Rejected, for whatever reason but a signal. */
  readonly failed: number;
  /** Given up by a signal. */
  readonly cancelled: number;
  readonly waitMs: Times;
  readonly runMs: Times;
}

export interface Times {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const MICROS = 1000;

/** Counts the calls of a pool and measures them. */
export class CallCounts {
  readonly #ended = { completed: 0, failed: 0, cancelled: 0 };
  readonly #waited = createHistogram();
  readonly #ran = createHistogram();

  count({ name, end = 'failed', arrivedMs, startedMs }: EndedCall): void {
    this.#ended[end] += 1;
    if (startedMs === undefined) {
      publish({ type: 'call:ended', name, end, waitMs: null, runMs: null });
      return;
    }
    const [waitMs, runMs] = [startedMs - arrivedMs, performance.now() - startedMs];
    record(this.#waited, waitMs);
    record(this.#ran, runMs);
    publish({ type: 'call:ended', name, end, waitMs, runMs });
  }

  /** One that never came to the workers. */
  refuse(end: 'failed' | 'cancelled'): void {
    this.#ended[end] += 1;
  }

  stats(isolation: Isolation, { waiting, running, starting, workers }: BackendFigures): PoolStats {
    return {
      isolation,
      workers: { alive: workers, starting },
      waiting,
      running,
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
