/** How many CPUs are busy with work of normal priority, told again and again: `src/modes/load-watch.ts`, with the CPUs of the simulated machine. */
import type { SchedulerEvent } from '../../src/scheduler/types.ts';
import type { Clock } from '../kernel/clock.ts';

const MEASURE_EVERY_MS = 250;
/** While workers are missing: whether one more would help depends on what the CPUs do now. */
const GLANCE_EVERY_MS = 50;
/** Nobody was missing for so long, and the glances end. */
const LAST_GLANCES = 5;

export class LoadWatch {
  readonly #clock: Clock;
  /** CPU time of all that was done at normal priority so far. */
  readonly #normalMs: () => number;
  readonly #tell: (event: Extract<SchedulerEvent, { type: 'LoadMeasured' }>) => void;
  #glancesLeft = 0;
  #isClosed = false;

  constructor(clock: Clock, normalMs: () => number, tell: (event: Extract<SchedulerEvent, { type: 'LoadMeasured' }>) => void) {
    this.#clock = clock;
    this.#normalMs = normalMs;
    this.#tell = tell;
  }

  begin(): void {
    this.#lookAfter(MEASURE_EVERY_MS, (cpus) => {
      this.#tell({ type: 'LoadMeasured', cpus });
      this.begin();
    });
  }

  /** Workers are missing. */
  lookCloser(): void {
    const isLooking = this.#glancesLeft > 0;
    this.#glancesLeft = LAST_GLANCES;
    if (!isLooking) this.#glance();
  }

  close(): void {
    this.#isClosed = true;
  }

  #glance(): void {
    this.#lookAfter(GLANCE_EVERY_MS, (cpus) => {
      this.#glancesLeft -= 1;
      this.#tell({ type: 'LoadMeasured', cpus, isGlance: true });
      if (this.#glancesLeft > 0) this.#glance();
    });
  }

  #lookAfter(ms: number, look: (cpus: number) => void): void {
    const beforeMs = this.#normalMs();
    this.#clock.after(ms, () => {
      if (!this.#isClosed) look((this.#normalMs() - beforeMs) / ms);
    });
  }
}
