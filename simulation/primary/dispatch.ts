/**
 * Carries out what the scheduler decides and feeds it with what happens: `src/modes/dispatcher.ts`, step by step, without clients'
 * sockets. Whatever the scheduler is told and orders goes past a witness.
 */
import { assertNever } from '../../src/errors/assert-never.ts';
import type { Scheduler } from '../../src/scheduler/scheduler.ts';
import { EXTRA } from '../../src/scheduler/rollout.ts';
import {
  type Bounds,
  type Policy,
  type RetireReason,
  type SchedulerCommand,
  type SchedulerEvent,
} from '../../src/scheduler/types.ts';
import type { Health } from '../../src/supervisor/decisions/health.ts';
import { isTaskEvent, taskEventsFrom } from '../../src/scheduler/task-events.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Sending, TaskWord } from '../machine/messages.ts';
import { Supervision, type SupervisionListener, type SupervisionOptions } from './supervision.ts';
import { Reloads } from './reloads.ts';
import { type Order, TaskDesk } from './task-desk.ts';

/** The scheduler as the rest of the program sees it. */
export type SchedulerMachine = Pick<
  Scheduler,
  'handle' | 'handleAll' | 'mostAtOnce' | 'missingWorkers' | 'nextWakeMs' | 'figures' | 'capacity'
>;

export interface Witness {
  /** These were decided on together. */
  handled(events: readonly SchedulerEvent[], commands: readonly SchedulerCommand[]): void;
  /** Everything that came of an event was done. */
  settled(wakeMs: number | undefined, bootsHeldBack: boolean): void;
  /** Workers are missing, and are booted next. */
  missing(): void;
  /** A client got an answer. */
  answered(task: number, kind: string): void;
}

export interface DispatchOptions extends SupervisionOptions {
  readonly deadlineMs: number;
  /** How long an event of a task waits for others that come with it, ms; 0 for not at all. */
  readonly gatherMs: () => number;
}

const TEARDOWN_MS = 5000;

export class Dispatch implements SupervisionListener {
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #options: DispatchOptions;
  readonly #scheduler: SchedulerMachine;
  readonly #supervision: Supervision;
  readonly #witness: Witness;
  readonly #desk = new TaskDesk();
  readonly #reloads: Reloads;
  #events: SchedulerEvent[] = [];
  #handling = false;
  #gathering = false;

  constructor(clock: Clock, policy: Policy, options: DispatchOptions, scheduler: SchedulerMachine, witness: Witness) {
    this.#clock = clock;
    this.#policy = policy;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#supervision = new Supervision(clock, options, this);
    this.#witness = witness;
    this.#reloads = new Reloads(this.#supervision, (generation) => this.tell({ type: 'CodeChanged', generation }));
  }

  /** Tasks that are not over. */
  get taskCount(): number {
    return this.#desk.size;
  }

  get workerCount(): number {
    return this.#supervision.size;
  }

  run(order: Order): void {
    this.#desk.add(order);
    this.tell({ type: 'TaskArrived', task: order.task, facts: order.facts });
  }

  /** Its client is gone. */
  abandon(task: number): void {
    this.#desk.abandon(task);
    this.tell({ type: 'TaskCancelled', task });
  }

  // What an operator does (`src/modes/operation.ts`)

  reload(): void {
    if (this.workerCount < this.#scheduler.capacity + EXTRA) this.#reloads.begin();
  }

  scale(bounds: Bounds): void {
    this.tell({ type: 'BoundsChanged', bounds });
  }

  recycle(worker: number): void {
    if (this.#supervision.get(worker)?.life.phase === 'ready') this.tell({ type: 'WorkerOutdated', worker });
  }

  kill(worker: number): void {
    this.#supervision.kill(worker, 'operator');
  }

  get workers(): number[] {
    return [...this.#supervision.workers].map(({ id }) => id);
  }

  close(shutdownTimeoutMs: number): void {
    this.#reloads.close();
    this.tell({ type: 'Closing' });
    for (const { id } of this.#supervision.workers) this.#supervision.drain(id, 'shutdown', shutdownTimeoutMs);
    this.#supervision.close();
  }

  // From the supervisor

  onStarting(worker: number, generation: number): void {
    this.tell({ type: 'WorkerStarting', worker, generation });
  }

  onReady(worker: number): void {
    this.#reloads.ready(worker);
    this.tell({ type: 'WorkerReady', worker, deadlineMs: this.#options.deadlineMs });
  }

  onBootFailed(worker: number): void {
    this.#reloads.failed(worker);
  }

  onWithdrawn(worker: number): void {
    this.tell({ type: 'WorkerWithdrawn', worker });
  }

  onGone(worker: number): void {
    this.tell({ type: 'WorkerGone', worker });
    this.#reloads.failed(worker);
  }

  onTaskWord(worker: number, { type, sending, ranMs = 0 }: TaskWord): void {
    switch (type) {
      case 'TaskStarted': {
        const began = this.#desk.begin(sending);
        if (began === 'begun') this.tell({ type, task: sending.task });
        else if (began === 'wrong') this.#supervision.kill(worker, 'protocol');
        return;
      }
      case 'TaskSkipped':
        if (this.#desk.takeBack(sending)) this.#takeBack(sending);
        this.#hear(worker, true);
        return;
      case 'TaskCommitted':
        if (this.#desk.has(sending)) this.tell({ type, task: sending.task });
        return;
      case 'TaskEnded':
        if (!this.#desk.has(sending)) return;
        this.#desk.end(sending);
        this.#witness.answered(sending.task, 'completed');
        if (!this.#desk.holdsConnections(worker)) this.#promote(worker);
        this.tell({ type, task: sending.task, runMs: ranMs });
    }
  }

  onPong(worker: number): void {
    this.#hear(worker, true);
  }

  onRevokeAnswered(worker: number, revoked: boolean, sending: Sending): void {
    if (!revoked) {
      if (this.#desk.begin(sending) === 'begun') this.tell({ type: 'TaskStarted', task: sending.task });
      this.#catchUp(worker);
    } else if (this.#desk.takeBack(sending)) this.#takeBack(sending);
  }

  #askBack(task: number): void {
    const worker = this.#desk.processOf(task)?.id;
    if (worker !== undefined) this.#catchUp(worker);
    this.#desk.askBack(task);
  }

  /** Now and in the next moments (`src/supervisor/catching-up.ts`). */
  #catchUp(worker: number): void {
    const look = (): void => {
      for (const word of this.#supervision.get(worker)?.process.catchUp() ?? []) this.onTaskWord(worker, word);
    };
    look();
    for (const delayMs of [2, 12, 62]) this.#clock.after(delayMs, look);
  }

  onHealth(worker: number, health: Health): void {
    const holds = this.#desk.holdsConnections(worker);
    if (health === 'busy') {
      if (holds) this.#supervision.demote(worker);
      this.tell({ type: 'WorkerBlocked', worker });
    } else if (health === 'alive') this.#hear(worker, this.#policy.concurrency > 1 || holds);
  }

  onMeasured(worker: number, memoryBytes: number): void {
    this.tell({ type: 'WorkerMeasured', worker, memoryBytes });
  }

  onBootsPaused(paused: boolean): void {
    this.tell({ type: paused ? 'BootsPaused' : 'BootsResumed' });
    if (paused) this.#reloads.bootsPaused();
  }

  onBootsAllowed(): void {
    this.tell({ type: 'ClockTicked' });
  }

  #takeBack({ task, worker }: Sending): void {
    if (this.#desk.isWaiting(task)) this.#supervision.demote(worker);
    this.tell({ type: 'TaskRevoked', task });
  }

  #hear(worker: number, isFree: boolean): void {
    if (isFree) this.#promote(worker);
    this.tell({ type: 'WorkerAnswered', worker });
  }

  #promote(worker: number): void {
    if (!this.#supervision.promote(worker)) this.tell({ type: 'WorkerSunk', worker });
  }

  /** Events may come up while commands are carried out: they wait for their turn. Those of tasks may wait for others (`scheduler-pump.ts`). */
  tell(event: SchedulerEvent): void {
    this.#events.push(event);
    if (this.#handling) return;
    const gatherMs = isTaskEvent(event) && !this.#gathering ? this.#options.gatherMs() : 0;
    if (gatherMs > 0) {
      this.#gathering = true;
      this.#clock.after(gatherMs, () => this.#decide());
    } else if (!isTaskEvent(event) || !this.#gathering) this.#decide();
  }

  #decide(): void {
    this.#gathering = false;
    if (this.#handling || this.#events.length === 0) return;
    this.#handling = true;
    while (this.#events.length > 0) {
      const events = this.#events;
      this.#events = [];
      for (let from = 0; from < events.length;) from = this.#handle(events, from);
      if (this.#events.length === 0) this.#boot(this.#scheduler.missingWorkers(this.#clock.nowMs));
    }
    this.#handling = false;
    this.#witness.settled(this.#scheduler.nextWakeMs(this.#clock.nowMs), this.#supervision.bootsHeldBack);
  }

  #boot(missing: number): void {
    if (missing > 0) this.#witness.missing();
    this.#supervision.boot(missing);
  }

  /** @returns where the next event is */
  #handle(events: readonly SchedulerEvent[], from: number): number {
    const together = taskEventsFrom(events, from, this.#scheduler.mostAtOnce);
    const { nowMs } = this.#clock;
    const [alone] = events.slice(from);
    const commands =
      together.length > 0 || alone === undefined
        ? this.#scheduler.handleAll(together, nowMs)
        : this.#scheduler.handle(alone, nowMs);
    const handled = events.slice(from, from + Math.max(1, together.length));
    this.#witness.handled(handled, commands);
    for (const command of commands) this.#carryOut(command);
    return from + handled.length;
  }

  #carryOut(command: SchedulerCommand): void {
    switch (command.type) {
      case 'StartTask':
        return this.#send(command.task, command.worker, command.ahead, command.lane === 'long');
      case 'RevokeTask':
        return this.#askBack(command.task);
      case 'ProbeWorker':
        this.#supervision.get(command.worker)?.process.send({ type: 'Ping' });
        return;
      case 'MeasureTask':
        this.#catchUp(command.worker);
        return this.tell({ type: 'TaskMeasured', task: command.task, waitedMs: this.#desk.waitedMs(command.task) });
      case 'DemoteTask':
        // It may have ended while its events were gathered.
        if (this.#desk.isSent(command.task)) this.#supervision.demote(command.worker);
        return;
      case 'RequeueTask':
        this.#desk.putBack(command.task);
        return this.#supervision.kill(command.worker, 'requeued');
      case 'RetryTask':
      case 'ReturnTask':
        return this.#desk.putBack(command.task);
      case 'TaskOverstays':
        return;
      case 'RejectTask':
        if (this.#desk.take(command.task)) this.#witness.answered(command.task, command.reason);
        return;
      case 'CancelTask':
        return this.#desk.cancel(command.task);
      case 'ExpireTask':
        this.#expire(command.task);
        return this.#desk.cancel(command.task);
      case 'KillTask':
        if (command.reason === 'deadline') this.#expire(command.task);
        return this.#supervision.kill(command.worker, command.reason);
      case 'LoseTask':
        this.#desk.lose(command.task);
        this.#witness.answered(command.task, 'lost');
        return;
      case 'RetireWorker':
        return this.#retire(command.worker, command.reason);
      case 'CodeServes':
        return this.#reloads.rolledOut();
      default:
        assertNever(command);
    }
  }

  #retire(worker: number, reason: RetireReason): void {
    const mayBeBusy = reason === 'reload' || reason === 'recycle' || reason === 'surplus';
    this.#supervision.drain(worker, reason, mayBeBusy ? this.#options.deadlineMs + TEARDOWN_MS : TEARDOWN_MS);
  }

  #expire(task: number): void {
    this.#witness.answered(task, 'deadline');
    this.#desk.abandon(task);
  }

  #send(task: number, worker: number, ahead: boolean, isLong: boolean): void {
    const process = this.#supervision.get(worker)?.process;
    if (process !== undefined && this.#desk.send(task, process, ahead)) {
      // A connection mostly waits.
      if (isLong && !this.#desk.isConnection(task)) this.#supervision.demote(worker);
      return;
    }
    // Its client went away while this very command was on its way.
    this.#events.push({ type: 'TaskEnded', task });
  }
}
