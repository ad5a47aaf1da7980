import { performance } from 'node:perf_hooks';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { SchedulerCommand, SchedulerEvent } from '../scheduler/types.ts';
import { WakeTimer } from './wake-timer.ts';

export interface SchedulerPumpOptions {
  readonly scheduler: Scheduler;
  readonly carryOut: (command: SchedulerCommand) => void;
  /** Is called when the scheduler has nothing more to say; how many workers are missing is a level, not an order. */
  readonly boot: (missing: number) => void;
}

/** Gives the scheduler the time and its events, one after the other, has its commands carried out, and wakes it when it asked for it. */
export class SchedulerPump {
  readonly #options: SchedulerPumpOptions;
  readonly #wakeTimer = new WakeTimer(() => this.tell({ type: 'ClockTicked' }));
  readonly #events: SchedulerEvent[] = [];
  #handling = false;

  constructor(options: SchedulerPumpOptions) {
    this.#options = options;
  }

  /** Events may come up while commands are carried out: they wait for their turn, so that the scheduler sees one at a time. */
  tell(event: SchedulerEvent): void {
    this.#events.push(event);
    if (this.#handling) return;
    const { scheduler, carryOut, boot } = this.#options;
    this.#handling = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const nowMs = performance.now();
        for (const command of scheduler.handle(next, nowMs)) carryOut(command);
        if (this.#events.length === 0) boot(scheduler.missingWorkers(nowMs));
      }
    } finally {
      this.#handling = false;
    }
    const nowMs = performance.now();
    this.#wakeTimer.set(scheduler.nextWakeMs(nowMs), nowMs);
  }

  close(): void {
    this.#wakeTimer.close();
  }
}
