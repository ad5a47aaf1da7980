import { performance } from 'node:perf_hooks';
import { atTurnEnd } from '../channel/turn-end.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { taskEventsFrom } from '../scheduler/task-events.ts';
import type { SchedulerCommand, SchedulerEvent } from '../scheduler/types.ts';
import { WakeTimer } from './wake-timer.ts';

export interface SchedulerPumpOptions {
  readonly scheduler: Scheduler;
  readonly carryOut: (command: SchedulerCommand) => void;
  /** Is called when the scheduler has nothing more to say; how many workers are missing is a level, not an order. */
  readonly boot: (missing: number) => void;
}

/**
 * Gives the scheduler the time and its events, in order, has its commands carried out, and wakes it when it asked for it. Events of tasks
 * that come at once are decided on together: with many brief tasks it is the decision that costs, not what it is about.
 */
export class SchedulerPump {
  readonly #options: SchedulerPumpOptions;
  readonly #wakeTimer = new WakeTimer(() => this.tell({ type: 'ClockTicked' }));
  #events: SchedulerEvent[] = [];
  #handling = false;
  #gathering = false;
  #isDue = false;
  readonly #runSoon = (): void => {
    this.#isDue = false;
    if (!this.#gathering) this.#run();
  };

  constructor(options: SchedulerPumpOptions) {
    this.#options = options;
  }

  /** Events may come up while commands are carried out: they wait for their turn. */
  tell(event: SchedulerEvent): void {
    this.#events.push(event);
    if (!this.#gathering) this.#run();
  }

  /** The same at the end of this turn of the program: a caller may be about to tell more. */
  tellSoon(event: SchedulerEvent): void {
    this.#tellLater(event, queueMicrotask);
  }

  /** The same when all that came in this turn of the event loop is read: of a busy server's many connections, several speak in each. */
  tellAtTurnEnd(event: SchedulerEvent): void {
    this.#tellLater(event, atTurnEnd);
  }

  #tellLater(event: SchedulerEvent, call: (run: () => void) => void): void {
    this.#events.push(event);
    if (this.#isDue) return;
    this.#isDue = true;
    call(this.#runSoon);
  }

  /** What is told from now on waits until `decide`. */
  gather(): void {
    this.#gathering = true;
  }

  decide(): void {
    this.#gathering = false;
    this.#run();
  }

  #run(): void {
    if (this.#handling || this.#events.length === 0) return;
    const { boot, scheduler } = this.#options;
    this.#handling = true;
    try {
      while (this.#events.length > 0) {
        const events = this.#events;
        this.#events = [];
        const nowMs = performance.now();
        for (let from = 0; from < events.length;) from = this.#handle(events, from, nowMs);
        if (this.#events.length === 0) boot(scheduler.missingWorkers(nowMs));
      }
    } finally {
      this.#handling = false;
    }
    const nowMs = performance.now();
    this.#wakeTimer.set(scheduler.nextWakeMs(nowMs), nowMs);
  }

  /** @returns where the next event is */
  #handle(events: readonly SchedulerEvent[], from: number, nowMs: number): number {
    const { scheduler, carryOut } = this.#options;
    const together = taskEventsFrom(events, from, scheduler.mostAtOnce);
    const alone = events[from];
    const commands =
      together.length > 0 || alone === undefined ? scheduler.handleAll(together, nowMs) : scheduler.handle(alone, nowMs);
    for (const command of commands) carryOut(command);
    return from + Math.max(1, together.length);
  }

  close(): void {
    this.#wakeTimer.close();
  }
}
