/**
 * The main thread of a worker: it does one job after another, each to its end. A job that computes needs a CPU for that long, and
 * nothing else in this process happens meanwhile; what comes in waits for its turn.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Level, Processors } from './processors.ts';

interface Job {
  readonly computeMs: number;
  readonly done: () => void;
}

export class EventLoop {
  readonly #id: number;
  readonly #clock: Clock;
  readonly #processors: Processors;
  #jobs: Job[] = [];
  #computing: Job | undefined;
  #since = 0;
  #turning = false;
  #stopped = false;
  #level: Level = 'normal';
  #pastMs = 0;
  #pastWaitedMs = 0;

  constructor(id: number, clock: Clock, processors: Processors) {
    this.#id = id;
    this.#clock = clock;
    this.#processors = processors;
  }

  /** For how long it has not turned, ms. */
  get delayMs(): number {
    return this.#computing === undefined ? 0 : this.#clock.nowMs - this.#since;
  }

  /** CPU time that it used so far, ms. */
  get cpuMs(): number {
    return this.#pastMs + this.#processors.usedMs(this.#id, this.#clock.nowMs);
  }

  /** How long it waited for a CPU so far, ms. */
  get waitedMs(): number {
    if (this.#computing === undefined) return this.#pastWaitedMs;
    return this.#pastWaitedMs + this.delayMs - this.#processors.usedMs(this.#id, this.#clock.nowMs);
  }

  set level(level: Level) {
    this.#level = level;
    this.#processors.setLevel(this.#id, level, this.#clock.nowMs);
  }

  add(computeMs: number, done: () => void): void {
    this.#jobs.push({ computeMs, done });
    this.#turn();
  }

  /** The system says that the present burst is over. */
  computed(): void {
    const job = this.#computing;
    this.#computing = undefined;
    this.#pastMs += job?.computeMs ?? 0;
    if (job !== undefined) this.#pastWaitedMs += this.#clock.nowMs - this.#since - job.computeMs;
    if (this.#stopped) return;
    job?.done();
    this.#turn();
  }

  /** For good: it hangs, or its process ended. */
  stop(): void {
    this.#stopped = true;
    this.#processors.stop(this.#id, this.#clock.nowMs);
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    while (this.#computing === undefined && !this.#stopped) {
      const job = this.#jobs.shift();
      if (job === undefined) break;
      if (job.computeMs > 0) {
        this.#computing = job;
        this.#since = this.#clock.nowMs;
        this.#processors.begin(this.#id, job.computeMs, this.#level, this.#clock.nowMs);
      } else job.done();
    }
    this.#turning = false;
  }
}
