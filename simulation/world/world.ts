/**
 * One run of everything: clients, primary, workers, CPUs, on one clock, from one seed. It owns the time: what is due next happens next,
 * and nothing else makes time pass. The scheduler and the decisions of the supervisor are the real ones; an auditor looks at each
 * event, and a run that breaks a rule ends with an error that says how to see it again.
 */
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { Policy, SchedulerCommand, SchedulerEvent } from '../../src/scheduler/types.ts';
import { Auditor } from '../audit/auditor.ts';
import { must, Violation } from '../audit/violation.ts';
import { Agenda } from '../kernel/agenda.ts';
import type { Clock } from '../kernel/clock.ts';
import { Random } from '../kernel/random.ts';
import type { Sending } from '../machine/messages.ts';
import { Processors } from '../machine/processors.ts';
import { type Delays, WorkerProcess } from '../machine/worker-process.ts';
import { Dispatch, type DispatchOptions, type SchedulerMachine, type Witness } from '../primary/dispatch.ts';
import { LoadWatch } from '../primary/load-watch.ts';
import { Chronicle } from './chronicle.ts';
import { type Clients, RandomClients } from './clients.ts';
import { drawNature } from './natures.ts';
import { Operator } from './operator.ts';
import type { Scenario } from './scenario.ts';

export interface WorldOptions {
  /** The scheduler to try; the real one when nothing is said. */
  readonly scheduler?: (policy: Policy) => SchedulerMachine;
  readonly trace?: (line: string) => void;
  /** Who asks for tasks; clients as the scenario describes them when nothing is said. */
  readonly clients?: (world: World, dispatch: Dispatch) => Clients;
}

/** More than this at one instant, and time stands still. */
const MOST_AT_ONCE = 100_000;
/** What is left after the time for a shutdown: kill ladders, last bytes. */
const LAST_MS = 5000;

export class World implements Clock, Witness {
  nowMs = 0;
  readonly chronicle: Chronicle;
  readonly #seed: string;
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #agenda = new Agenda();
  readonly #processors: Processors;
  readonly #processes = new Map<number, WorkerProcess>();
  readonly #scheduler: SchedulerMachine;
  readonly #auditor: Auditor;
  readonly #dispatch: Dispatch;
  readonly #clients: Clients;
  readonly #operator: Operator;
  readonly #load: LoadWatch;
  readonly #lateness: Random;
  #wakeMs = Number.POSITIVE_INFINITY;
  #wakeTimer = 0;
  #eventsWanted = 0;
  #ending = false;
  #closedAtMs: number | undefined;

  constructor(seed: string, scenario: Scenario, options: WorldOptions = {}) {
    const { scheduler = (policy: Policy) => new Scheduler(policy), trace, clients } = options;
    const { policy, deadlineMs, floor } = scenario;
    this.#seed = seed;
    this.#scenario = scenario;
    this.#random = new Random(seed);
    this.#lateness = this.#random.stream('timers');
    this.chronicle = new Chronicle(trace);
    this.#processors = new Processors(policy.cpus, floor);
    this.#scheduler = scheduler(policy);
    this.#auditor = new Auditor(policy, deadlineMs);
    this.#dispatch = new Dispatch(
      this,
      policy,
      { ...scenario, spawn: this.#spawner(), gatherMs: this.#gatherer() },
      this.#scheduler,
      this,
    );
    this.#clients = clients?.(this, this.#dispatch) ?? new RandomClients(this, this.#random, scenario, this.#dispatch, this);
    this.#operator = new Operator(this, this.#random, scenario, this.#dispatch);
    this.#load = new LoadWatch(
      this,
      () => this.#processors.normalMs(this.nowMs),
      (event) => this.#dispatch.tell(event),
    );
  }

  after(ms: number, happen: () => void): void {
    this.#agenda.add(this.nowMs + ms, happen);
  }

  at(atMs: number, happen: () => void): void {
    this.#agenda.add(Math.max(this.nowMs, atMs), happen);
  }

  /**
   * Lets so many events happen, and then everything end; without a number, until somebody calls `end`.
   *
   * @throws Violation with the seed, the number of the event, the time and the last events
   */
  run(events = Number.POSITIVE_INFINITY): void {
    this.#eventsWanted = events;
    try {
      this.#dispatch.tell({ type: 'ClockTicked' });
      this.#clients.begin();
      this.#operator.begin();
      this.#load.begin();
      this.#passTime();
      must(this.#dispatch.taskCount === 0, () => `at the end the primary knows ${this.#dispatch.taskCount} tasks`);
      this.#auditor.ended(this.#scheduler.figures);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  // What the primary does, seen from outside

  handled(events: readonly SchedulerEvent[], commands: readonly SchedulerCommand[]): void {
    this.chronicle.handled(events, commands, this.nowMs);
    this.#auditor.handled(events, commands, this.#scheduler.figures, this.nowMs);
  }

  settled(wakeMs: number | undefined, bootsHeldBack: boolean): void {
    this.#auditor.settled(this.#scheduler.figures, wakeMs, { bootsHeldBack }, this.nowMs);
    this.#setWake(wakeMs);
    if (this.chronicle.eventCount >= this.#eventsWanted) this.end();
  }

  missing(): void {
    this.#load.lookCloser();
  }

  answered(task: number, kind: string): void {
    if (this.#clients.leave(task, kind)) this.chronicle.answered(task, kind);
    this.#auditor.answered(task, kind);
  }

  #passTime(): void {
    let atOnce = 0;
    for (;;) {
      const nextMs = Math.min(this.#agenda.nextMs, this.#processors.nextMs);
      if (nextMs === Number.POSITIVE_INFINITY) return;
      atOnce = nextMs > this.nowMs ? 0 : atOnce + 1;
      must(atOnce < MOST_AT_ONCE, () => 'time stands still');
      this.nowMs = Math.max(this.nowMs, nextMs);
      if (this.#agenda.nextMs <= this.nowMs) this.#agenda.take()?.();
      else this.#processes.get(this.#processors.take(this.nowMs) ?? 0)?.computed();
      this.#mustEnd();
    }
  }

  /** The timer of the primary, as `wake-timer.ts` sets it: in whole ms, and it never rings early. */
  #setWake(atMs: number | undefined): void {
    if (atMs === undefined || atMs >= this.#wakeMs) return;
    this.#wakeMs = atMs;
    this.#wakeTimer += 1;
    const timer = this.#wakeTimer;
    this.after(Math.max(0, Math.ceil(atMs - this.nowMs)) + this.#lateness.between(0, 0.5), () => {
      if (timer !== this.#wakeTimer) return;
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#dispatch.tell({ type: 'ClockTicked' });
    });
  }

  #spawner(): DispatchOptions['spawn'] {
    const { concurrency, reuse } = this.#scenario.policy;
    const [natures, random] = [this.#random.stream('natures'), this.#random.stream('workers')];
    const limits = { concurrency, taskLimit: reuse ? 0 : 1 };
    const delays = drawDelays(this.#random.stream('delays'), this.#scenario);
    return (id, listener, isTrial) => {
      const nature = drawNature(natures, this.#scenario, isTrial);
      if (nature === undefined) return undefined;
      const machine = { clock: this, processors: this.#processors, random, delays };
      const process = new WorkerProcess(id, machine, nature, limits, {
        onMessage: (worker, message) => {
          if (message.type === 'Exited') this.#processes.delete(worker);
          listener.onMessage(worker, message);
        },
        onControlMessage: (worker, message) => listener.onControlMessage(worker, message),
        onBegun: (sending: Sending) => this.#auditor.begun(sending),
      });
      this.#processes.set(id, process);
      return process;
    };
  }

  /** Now and then what comes at once is told together, as a burst on a real socket is. */
  #gatherer(): () => number {
    const random = this.#random.stream('bursts');
    return () => Math.max(0, random.between(-0.3, 0.1));
  }

  /** No more tasks, and then the shutdown. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#clients.stop();
    this.#operator.stop();
    this.after(0, () => this.#closeWhenDue());
  }

  #closeWhenDue(): void {
    const { closesBusy, shutdownTimeoutMs } = this.#scenario;
    if (!closesBusy && this.#dispatch.taskCount > 0) {
      this.after(100, () => this.#closeWhenDue());
      return;
    }
    this.#closedAtMs = this.nowMs;
    this.#load.close();
    this.#dispatch.close(shutdownTimeoutMs);
  }

  /** Never hang: whatever workers do, a shutdown has an end. */
  #mustEnd(): void {
    if (this.#closedAtMs === undefined || this.#dispatch.workerCount === 0) return;
    const sinceMs = this.nowMs - this.#closedAtMs;
    const { shutdownTimeoutMs } = this.#scenario;
    must(
      sinceMs <= shutdownTimeoutMs + LAST_MS,
      () => `${this.#dispatch.workerCount} workers live ${sinceMs} ms after the shutdown`,
    );
  }

  #explain(error: unknown): Violation {
    const message = error instanceof Violation ? error.message : error instanceof Error ? String(error.stack) : String(error);
    const lines = [
      message,
      `seed ${this.#seed}, event ${this.chronicle.eventCount}, ${this.nowMs.toFixed(3)} ms; to see it again:`,
      `npm run simulate -- ${Number.isFinite(this.#eventsWanted) ? `--seed ${this.#seed} --events ${this.#eventsWanted}` : '--compare'}`,
      `policy: ${JSON.stringify(this.#scenario.policy)}`,
      'the last events:',
      ...this.chronicle.tail(),
    ];
    return new Violation(lines.join('\n'), { cause: error });
  }
}

function drawDelays(random: Random, { socketMs, watchdogMs }: Scenario): Delays {
  return {
    // Most messages are quick; now and then one end has no CPU.
    socketMs: () => (random.chance(0.01) ? random.exponential(20 * socketMs) : random.exponential(socketMs)),
    watchdogMs: () => random.exponential(watchdogMs),
  };
}
