import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const SAMPLE_EVERY_MS = 1000;
/** Samples after which the older of the two histograms begins anew: what is told is of the last 5 to 10 s. */
const SAMPLES_A_WINDOW = 5;
/** node:perf_hooks looks so often, and counts this time in. */
const RESOLUTION_MS = 20;

/** What this process itself uses. */
export class OwnFigures {
  readonly #timer: NodeJS.Timeout;
  readonly #delays: [IntervalHistogram, IntervalHistogram] = [watch(), watch()];
  #samples = 0;
  #cpu = process.cpuUsage();
  #sampledAtMs = performance.now();
  #cpuPercent = 0;

  constructor() {
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS).unref();
  }

  get rssBytes(): number {
    return process.memoryUsage.rss();
  }

  /** Percent of one CPU, over the last second. */
  get cpuPercent(): number {
    return this.#cpuPercent;
  }

  /** 99th percentile of the last seconds, ms. */
  get eventLoopDelayMs(): number {
    const [older] = this.#delays;
    if (older.count === 0) return 0;
    return Math.max(0, Math.round(10 * (older.percentile(99) / 1e6 - RESOLUTION_MS)) / 10);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const delays of this.#delays) delays.disable();
  }

  #sample(): void {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpuPercent = Math.round((100 * (user + system)) / 1000 / (nowMs - this.#sampledAtMs));
    this.#cpu = process.cpuUsage();
    this.#sampledAtMs = nowMs;
    this.#samples += 1;
    if (this.#samples % SAMPLES_A_WINDOW !== 0) return;
    const [older, newer] = this.#delays;
    older.reset();
    this.#delays.splice(0, 2, newer, older);
  }
}

function watch(): IntervalHistogram {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return delays;
}
