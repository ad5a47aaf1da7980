/**
 * Whose priority is lowered: `src/supervisor/demotion.ts`, with the CPU time of the simulated processes in place of /proc. What the
 * nice values come to is in the model of the CPUs.
 */
import type { Clock } from '../kernel/clock.ts';
import type { WorkerProcess } from '../machine/worker-process.ts';

const DEMOTE_AFTER_MS = 25;
const LOOK_EVERY_MS = 50;

interface LongWorker {
  readonly process: WorkerProcess;
  readonly sinceCpuMs: number;
  isDemoted: boolean;
}

export class Demotion {
  readonly #clock: Clock;
  readonly #canRaise: boolean;
  readonly #workers = new Map<number, LongWorker>();
  #looking = false;

  /** @param canRaise whether the system lets a priority be raised again */
  constructor(clock: Clock, canRaise: boolean) {
    this.#clock = clock;
    this.#canRaise = canRaise;
  }

  isDemoted(worker: number): boolean {
    return this.#workers.get(worker)?.isDemoted === true;
  }

  add(process: WorkerProcess): void {
    if (this.#workers.has(process.id)) return;
    this.#workers.set(process.id, { process, sinceCpuMs: process.cpuMs, isDemoted: false });
    if (!this.#looking) this.#lookSoon();
  }

  /** @returns false when the worker keeps a lowered priority */
  release(worker: number): boolean {
    const record = this.#workers.get(worker);
    this.forget(worker);
    if (record?.isDemoted !== true) return true;
    if (this.#canRaise) record.process.level = 'normal';
    return this.#canRaise;
  }

  forget(worker: number): void {
    this.#workers.delete(worker);
  }

  #lookSoon(): void {
    this.#looking = this.#workers.size > 0;
    if (!this.#looking) return;
    this.#clock.after(LOOK_EVERY_MS, () => {
      for (const record of this.#workers.values()) {
        if (record.isDemoted || record.process.cpuMs - record.sinceCpuMs < DEMOTE_AFTER_MS) continue;
        record.isDemoted = true;
        record.process.level = 'demoted';
      }
      this.#lookSoon();
    });
  }
}
