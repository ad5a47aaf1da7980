/**
 * Decides which task runs where, and how many workers there should be. A deterministic machine: events and the time go in,
 * commands come out; it starts nothing, waits for nothing and reads no clock. Every step takes constant or logarithmic time,
 * but for scans over the tasks that run long, of which there are at most as many as workers may run, and over the clients that wait.
 *
 * A task starts in the short lane. One that outlives the quantum is demoted: it goes on, its worker counts as one of the long
 * lane, and another worker takes its place. Long tasks never get the last workers: `reserved` of them stay with the short
 * lane. A task that is expected to be long waits for the long lane from the start.
 *
 * How many workers are missing is a level, not an order (`missingWorkers`): the supervisor may have to wait before it boots
 * the next one, and by then the answer may be another.
 *
 * This file is the door: which rule an event meets. The rules are in admission, placing, ahead, long-lane, ending and rollout; what they work
 * on is in scheduler-state.
 */
import { admit, refusalOf } from './admission.ts';
import { expireAhead, hear, patienceMs, started } from './ahead.ts';
import { cancel, end, endSpent, kill, loseWorker, retire, settle } from './ending.ts';
import { goOnWithDeadlines, holdDeadlines } from './held-deadlines.ts';
import { block, demote, expireProbes, leaveShortLane, measureAgain, measured, revoked } from './long-lane.ts';
import { dispatch } from './placing.ts';
import {
  arrive,
  changeBounds,
  changeCode,
  missingForRollout,
  outdate,
  retireSurplus,
  rollOut,
  settledCount,
  wakeForRollout,
} from './rollout.ts';
import { SchedulerState } from './scheduler-state.ts';
import type { Demand } from './staffing.ts';
import { shortUntilMs } from './task-table.ts';
import { MOST_CONNECTIONS } from './worker-table.ts';
import type { Lane, Policy, RejectReason, SchedulerCommand, SchedulerEvent, SchedulerFigures, TaskEvent } from './types.ts';

export class Scheduler {
  readonly #state: SchedulerState;

  constructor(policy: Policy) {
    this.#state = new SchedulerState(policy);
  }

  get figures(): SchedulerFigures {
    const { waiting, tasks, workers, policy, backlog } = this.#state;
    return {
      tasks: tasks.size,
      workers: workers.aliveCount,
      queued: waiting.size,
      queueLimit: Math.min(policy.queueLimit, backlog.limit),
      queuedLong: waiting.longSize,
      oldestQueuedMs: waiting.oldestSinceMs,
      running: tasks.runningCount,
      ahead: tasks.sentCount,
      long: tasks.long.size,
      connections: tasks.connections.size,
      overstaying: tasks.overstaying.size,
    };
  }

  /** Why a task of which nothing is known would be turned away now, or undefined when it would be let in. */
  get refusal(): RejectReason | undefined {
    return refusalOf(this.#state);
  }

  /** Most workers that may live at once, by `max` and by memory. */
  get capacity(): number {
    return this.#state.staffing.capacity;
  }

  laneOf(task: number): Lane | undefined {
    return this.#state.tasks.laneOf(task);
  }

  /** Takes one event at time `nowMs` and returns what is to be done, in order. Time must not go backwards. */
  handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    this.#state.commands = [];
    this.#apply(event, nowMs);
    this.#settle(nowMs);
    if (event.type === 'WorkerReady') this.#state.staffing.booted(this.#demand(nowMs));
    return this.#state.commands;
  }

  /**
   * How many events of tasks may be taken at once, 1 at least. Tasks that come together wait in the queue for a moment, also those that
   * find a worker then: none of them may be turned away for that.
   */
  get mostAtOnce(): number {
    const { mostWaiting, waiting, backlog } = this.#state;
    return Math.max(1, Math.min(mostWaiting - waiting.size, backlog.limit - waiting.shortSize));
  }

  /** The same for events of tasks, `mostAtOnce` of them: what looks at all tasks and workers is done once for all. */
  handleAll(events: readonly TaskEvent[], nowMs: number): readonly SchedulerCommand[] {
    const state = this.#state;
    state.commands = [];
    // Those that arrive find the room that those make which are over.
    for (const event of events) if (event.type !== 'TaskArrived') this.#apply(event, nowMs);
    for (const event of events) if (event.type === 'TaskArrived') this.#apply(event, nowMs);
    // One that began too late for its client, and is over by the same word, is not to be cancelled any more.
    if (state.commands.length > 0) state.commands = state.commands.filter((command) => !isVain(state, command));
    this.#settle(nowMs);
    return state.commands;
  }

  #settle(nowMs: number): void {
    const state = this.#state;
    this.#expire(nowMs);
    rollOut(state, nowMs);
    retireSurplus(state);
    dispatch(state, nowMs);
    endSpent(state);
    this.#retireIdle(nowMs);
  }

  #apply(event: SchedulerEvent, nowMs: number): void {
    const state = this.#state;
    switch (event.type) {
      case 'TaskArrived':
        return admit(state, event.task, event.facts, nowMs);
      case 'TaskCommitted': {
        const record = state.tasks.get(event.task);
        if (record !== undefined) record.committed = true;
        return;
      }
      case 'TaskCancelled':
        return cancel(state, event.task, nowMs);
      case 'TaskStarted':
        return started(state, event.task, nowMs);
      case 'TaskRevoked':
        return revoked(state, event.task, nowMs);
      case 'TaskMeasured':
        return measured(state, event.task, event.waitedMs, nowMs);
      case 'TaskEnded':
        return end(state, event.task, event.runMs, nowMs);
      case 'CodeChanged':
        return changeCode(state, event.generation);
      case 'BoundsChanged':
        return changeBounds(state, event.bounds, nowMs);
      case 'BootsPaused':
        state.bootsPaused = true;
        return;
      case 'BootsResumed':
        state.bootsPaused = false;
        return;
      case 'Closing':
        state.closing = true;
        for (const task of state.waiting.all()) state.reject(task, 'closing');
        return;
      case 'LoadMeasured':
        state.staffing.setLoad(event.cpus);
        if (event.isGlance === true) return;
        return lookAtBacklog(state, nowMs);
      case 'ClockTicked':
        return;
      default:
        this.#applyToWorker(event, nowMs);
    }
  }

  #applyToWorker(event: Extract<SchedulerEvent, { worker: number }>, nowMs: number): void {
    const { workers, rollout } = this.#state;
    const worker = workers.get(event.worker);
    switch (event.type) {
      case 'WorkerStarting':
        return workers.add(event.worker, event.generation, event.generation === rollout.generation ? 'starting' : 'trial');
      case 'WorkerReady':
        workers.setReady(event.worker, event.deadlineMs, nowMs);
        if (worker !== undefined) arrive(this.#state, worker);
        return;
      case 'WorkerOutdated':
        if (worker !== undefined) outdate(this.#state, worker);
        return;
      case 'WorkerMeasured':
        return workers.measure(event.worker, event.memoryBytes);
      case 'WorkerBlocked':
        if (worker !== undefined) block(this.#state, worker, nowMs);
        return;
      case 'WorkerAnswered':
        if (worker === undefined) return;
        hear(this.#state, worker, nowMs);
        return settle(this.#state, worker);
      case 'DeadlinesHeld':
        if (worker !== undefined) holdDeadlines(this.#state, worker, nowMs);
        return;
      case 'DeadlinesGoOn':
        if (worker !== undefined) goOnWithDeadlines(this.#state, worker, nowMs);
        return;
      case 'WorkerSunk':
        if (worker !== undefined) worker.sunk = true;
        return;
      case 'WorkerWithdrawn':
        return workers.withdraw(event.worker);
      case 'WorkerGone':
        return loseWorker(this.#state, event.worker, nowMs);
    }
  }

  /** Everything whose time has come: the end of the quantum, deadlines, graces, queue time-outs, patience. */
  #expire(nowMs: number): void {
    const state = this.#state;
    const { tasks, waiting, policy, staffing, workers } = state;
    staffing.expire(nowMs);
    // What overstays was there first: room in the long lane is for it.
    for (const task of tasks.overstaying) {
      if (!staffing.longLaneHasRoom) break;
      demote(state, task, nowMs);
    }
    for (const task of tasks.short) {
      const running = tasks.running(task);
      if (shortUntilMs(running, policy.quantumMs) > nowMs) break;
      leaveShortLane(state, task, running, nowMs);
    }
    for (const task of tasks.late) measureAgain(state, task, nowMs);
    for (const [task, before, reason] of tasks.overdue(nowMs)) kill(state, task, before, reason, nowMs);
    expireAhead(state, nowMs);
    expireProbes(state, nowMs);
    for (let stuck = workers.nextOverdue; stuck !== undefined && stuck.atMs <= nowMs; stuck = workers.nextOverdue)
      retire(state, stuck.worker.id, 'stuck');
    for (const task of waiting.since(nowMs - policy.queueTimeoutMs)) state.reject(task, 'queueTimeout');
  }

  #retireIdle(nowMs: number): void {
    const { policy, workers, staffing } = this.#state;
    if (!policy.reuse) return;
    while (settledCount(this.#state) > this.#kept()) {
      const oldest = workers.oldestIdle;
      if (oldest === undefined) return;
      const isTooMany = settledCount(this.#state) > staffing.capacity;
      if (!isTooMany && oldest.idleSinceMs + policy.idleTimeoutMs > nowMs) return;
      retire(this.#state, oldest.id, isTooMany ? 'memory' : 'idle');
    }
  }

  #kept(): number {
    return this.#state.staffing.kept(this.#overstaying);
  }

  /** Reserved workers that are taken. Several tasks may share one. */
  get #overstaying(): number {
    return Math.min(this.#state.tasks.overstaying.size, this.#state.workers.hotCount);
  }

  /** How many workers should be booted now. Zero while closing. */
  missingWorkers(nowMs: number): number {
    const { closing, staffing, bootsPaused } = this.#state;
    if (closing) return 0;
    return Math.max(staffing.missing(this.#demand(nowMs), bootsPaused), missingForRollout(this.#state));
  }

  #demand(nowMs: number): Demand {
    const { waiting, tasks, policy } = this.#state;
    return {
      waitingShort: waiting.shortSize,
      waitingLong: waiting.longSize,
      // Where workers are used again, one can hold many.
      waitingConnections: Math.ceil(waiting.connections / (policy.reuse ? MOST_CONNECTIONS : 1)),
      overstaying: this.#overstaying,
      isPressed: waiting.shortIsPressed(tasks.short.size + tasks.late.size + tasks.sentCount === 0 ? 0 : policy.quantumMs, nowMs),
    };
  }

  /**
   * When `handle` has to be called with `ClockTicked` at the latest, or undefined for never. It is also the time to look at
   * `missingWorkers` again: a queue that moves on by itself is not pressed yet.
   */
  nextWakeMs(nowMs: number): number | undefined {
    const { tasks, waiting, workers, policy, staffing } = this.#state;
    const { quantumMs, queueTimeoutMs, idleTimeoutMs, reuse } = policy;
    let wake = Math.min(tasks.wakeAtMs(quantumMs), waiting.wakeAtMs(quantumMs, queueTimeoutMs, nowMs));
    wake = Math.min(wake, wakeForRollout(this.#state));
    wake = Math.min(wake, staffing.refillAtMs ?? wake);
    const idle = workers.oldestIdle;
    if (idle !== undefined && reuse && settledCount(this.#state) > this.#kept())
      wake = Math.min(wake, idle.idleSinceMs + idleTimeoutMs);
    const { first } = tasks.ahead;
    if (first !== undefined) wake = Math.min(wake, tasks.sent(first.task).sentMs + patienceMs(this.#state));
    wake = Math.min(wake, workers.nextOverdue?.atMs ?? wake);
    for (const { probeDueMs } of workers.probed) wake = Math.min(wake, probeDueMs ?? nowMs);
    return wake === Number.POSITIVE_INFINITY ? undefined : wake;
  }
}

/** An order about a task that is over. */
function isVain({ tasks, workers }: SchedulerState, command: SchedulerCommand): boolean {
  if (command.type === 'CancelTask') return tasks.get(command.task) === undefined;
  if (command.type !== 'ProbeWorker') return false;
  return workers.get(command.worker)?.held.some((task) => tasks.isIn(task, 'cancelled')) !== true;
}

function lookAtBacklog({ backlog, staffing, waiting, workers }: SchedulerState, nowMs: number): void {
  const isPressed = staffing.isSaturated && waiting.shortIsPressed(backlog.pressedAfterMs, nowMs);
  backlog.look(isPressed, workers.usableCount, nowMs);
}
