/**
 * The last ten minutes in figures, one sample a second: so that whoever opens the dashboard after something went wrong sees how it came.
 * It is bounded, and costs one look at the state a second.
 */
import { type LaneTimes, TASK_CELLS, type TaskTimes, TIME_BOUNDS_MS, timesOf } from '../http/task-counts.ts';
import type { Figures, Latency, State, WorkerState } from './api.ts';

const SAMPLE_EVERY_MS = 1000;
const MOST_SAMPLES = 600;
/** Latency is that of the tasks that ended in these last samples: of a single one it would jump. */
const LATENCY_SAMPLES = 10;

export interface FiguresSource {
  state(): State;
  times(): LaneTimes;
}

export class FiguresHistory {
  readonly #source: FiguresSource;
  readonly #onSample: (figures: Figures) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #samples: Figures[] = [];
  /** What the counters said at each of the last samples, the oldest first. */
  readonly #times: LaneTimes[] = [timesOf(new Float64Array(TASK_CELLS))];
  #last = { atMs: performance.now(), ended: 0, admitted: 0 };

  constructor(source: FiguresSource, onSample: (figures: Figures) => void) {
    this.#source = source;
    this.#onSample = onSample;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS).unref();
  }

  /** The oldest first, a second apart. */
  get samples(): readonly Figures[] {
    return this.#samples;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const state = this.#source.state();
    const times = this.#source.times();
    const before = this.#times[0] ?? times;
    const figures: Figures = {
      at: new Date().toISOString(),
      ...this.#rates(state),
      short: latencyBetween(before.short, times.short),
      long: latencyBetween(before.long, times.long),
      ...levelsOf(state),
    };
    this.#times.push(times);
    if (this.#times.length > LATENCY_SAMPLES) this.#times.shift();
    this.#samples.push(figures);
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
    this.#onSample(figures);
  }

  #rates({ totals }: State): Pick<Figures, 'answeredPerSecond' | 'admittedPerSecond'> {
    const { admitted, completed, failed, crashed, timedOut, cancelled, rejected } = totals;
    const now = { atMs: performance.now(), ended: completed + failed + crashed + timedOut + cancelled + rejected, admitted };
    const last = this.#last;
    this.#last = now;
    const perSecond = (count: number): number =>
      Math.max(0, Math.round((10_000 * count) / Math.max(1, now.atMs - last.atMs)) / 10);
    return { answeredPerSecond: perSecond(now.ended - last.ended), admittedPerSecond: perSecond(admitted - last.admitted) };
  }
}

function levelsOf({ server, workers, queue }: State): Omit<Figures, 'at' | keyof RateAndLatency> {
  const count = (state: WorkerState): number => workers.filter((worker) => worker.state === state).length;
  const lane = (name: 'short' | 'long'): number => workers.filter((worker) => worker.lane === name).length;
  return {
    queueDepth: queue.depth,
    workers: {
      starting: count('starting'),
      idle: count('idle'),
      busy: count('busy'),
      draining: count('draining'),
      killing: count('killing'),
    },
    lanes: { short: lane('short'), long: lane('long') },
    eventLoopDelayMs: server.eventLoopDelayMs,
    primaryCpuPercent: server.cpuPercent,
    primaryRssBytes: server.rssBytes,
    workersCpuPercent: Math.round(workers.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0)),
    workersRssBytes: residentBytes(workers),
  };
}

type RateAndLatency = Pick<Figures, 'answeredPerSecond' | 'admittedPerSecond' | 'short' | 'long'>;

/** Threads live in the process of the primary: what each of them reports is the same memory. */
function residentBytes(workers: State['workers']): number {
  return workers.reduce((sum, { kind, rssBytes }) => (kind === 'process' ? sum + rssBytes : sum), 0);
}

type LaneCounts = LaneTimes['short'];

/** What a client waits for is queue and run; each has a histogram of its own, so the quantiles are those of the run, and of the queue apart. */
function latencyBetween(before: LaneCounts, now: LaneCounts): Latency | null {
  const run = difference(before.run, now.run);
  const count = run.reduce((sum, inBucket) => sum + inBucket, 0);
  if (count === 0) return null;
  const queue = difference(before.queue, now.queue);
  return {
    count,
    p50Ms: quantile(run, 0.5),
    p90Ms: quantile(run, 0.9),
    p99Ms: quantile(run, 0.99),
    queueP99Ms: quantile(queue, 0.99),
  };
}

function difference(before: TaskTimes, now: TaskTimes): number[] {
  return now.counts.map((count, bucket) => Math.max(0, count - (before.counts[bucket] ?? 0)));
}

/**
 * As Prometheus estimates it: values are taken to be spread evenly within their bucket. Beyond the last bound there is no more to
 * say than that bound.
 */
export function quantile(counts: readonly number[], share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 0;
  let left = share * total;
  for (const [bucket, count] of counts.entries()) {
    const from = TIME_BOUNDS_MS[bucket - 1] ?? 0;
    const to = TIME_BOUNDS_MS[bucket];
    if (to === undefined) return from;
    if (count > 0 && left <= count) return Math.round(10 * (from + ((to - from) * left) / count)) / 10;
    left -= count;
  }
  return 0;
}
