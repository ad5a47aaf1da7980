import { clearInterval, setInterval } from 'node:timers';
import type { SchedulerEvent } from '../scheduler/types.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { LoadMeter } from './load-meter.ts';

const MEASURE_EVERY_MS = 250;
/** While workers are missing: a boot takes twice as long, and whether the next one would help depends on what the CPUs do now. */
const GLANCE_EVERY_MS = 50;
/** It takes no other worker for so long, and the glances end. */
const LAST_GLANCES = 5;

type Told = Extract<SchedulerEvent, { type: 'LoadMeasured' }>;

/** Measures again and again how many CPUs are busy with work of normal priority. */
export class LoadWatch {
  readonly #supervisor: Supervisor;
  readonly #cpus: number;
  readonly #tell: (event: Told) => void;
  readonly #timer: NodeJS.Timeout;
  #glances: NodeJS.Timeout | undefined;
  #glancesLeft = 0;

  /** Begins. What it tells keeps no process alive, unless that is said. */
  constructor(supervisor: Supervisor, cpus: number, tell: (event: Told) => void, keepsAlive = false) {
    this.#supervisor = supervisor;
    this.#cpus = cpus;
    this.#tell = tell;
    const meter = new LoadMeter(cpus);
    this.#timer = setInterval(() => {
      const busyCpus = this.#measure(meter);
      supervisor.demotion.setLoad(busyCpus);
      tell({ type: 'LoadMeasured', cpus: busyCpus });
    }, MEASURE_EVERY_MS);
    if (!keepsAlive) this.#timer.unref();
  }

  /** Boots workers that are missing, and looks closer meanwhile. */
  boot(missing: number): void {
    if (missing > 0) this.#lookCloser();
    this.#supervisor.boot(missing);
  }

  #lookCloser(): void {
    this.#glancesLeft = LAST_GLANCES;
    if (this.#glances !== undefined) return;
    const meter = new LoadMeter(this.#cpus);
    this.#glances = setInterval(() => {
      this.#glancesLeft -= 1;
      if (this.#glancesLeft <= 0) this.#endGlances();
      this.#tell({ type: 'LoadMeasured', cpus: this.#measure(meter), isGlance: true });
    }, GLANCE_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#endGlances();
  }

  #endGlances(): void {
    clearInterval(this.#glances);
    this.#glances = undefined;
  }

  #measure(meter: LoadMeter): number {
    const { demotion, workers } = this.#supervisor;
    return meter.measure(
      Array.from(workers, ({ id, cpuPercent, kind, life }) => ({
        cpuPercent,
        demoted: demotion.isDemoted(id),
        starting: life.phase === 'starting',
        isThread: kind === 'thread',
      })),
    );
  }
}
