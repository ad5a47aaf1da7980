/**
 * Decides which task runs where, and how many workers there should be. A deterministic machine: events and the time go in,
 * commands come out; it starts nothing, waits for nothing and reads no clock. Every step takes constant or logarithmic time,
 * but for scans over the tasks that run long, of which there are at most as many as workers, and over the clients that wait.
 *
 * A task starts in the short lane. One that outlives the quantum is demoted: it goes on, its worker counts as one of the long
 * lane, and another worker takes its place. Long tasks never get the last workers: `#reserved` of them stay with the short
 * lane. A task that is expected to be long waits for the long lane from the start.
 *
 * How many workers are missing is a level, not an order (`missingWorkers`): the supervisor may have to wait before it boots
 * the next one, and by then the answer may be another.
 */
import { BootRate } from './boot-rate.ts';
import { CostModel } from './cost-model.ts';
import { DueQueue } from './due-queue.ts';
import { LongQueue, PRIORITY_STEP_MS } from './long-queue.ts';
import { spread } from './spread.ts';
import type { Lane, Policy, RejectReason, RetireReason, SchedulerCommand, SchedulerEvent, TaskFacts } from './types.ts';
import { type WorkerRecord, WorkerTable } from './worker-table.ts';

type TaskState =
  | { readonly phase: 'queued' }
  | { readonly phase: 'running'; readonly worker: number; readonly startedMs: number; readonly deadlineAtMs: number }
  /** Nobody waits for it; it still holds its worker. */
  | { readonly phase: 'cancelled'; readonly worker: number; readonly startedMs: number; readonly killAtMs: number }
  /** Its worker is being killed. */
  | { readonly phase: 'killed'; readonly worker: number };

interface TaskRecord {
  readonly facts: TaskFacts;
  /** Since when it waits, or waited. */
  readonly sinceMs: number;
  readonly expectedLong: boolean;
  committed: boolean;
  state: TaskState;
}

type Running = Extract<TaskState, { phase: 'running' }>;

export interface SchedulerFigures {
  readonly queued: number;
  /** Of those that wait: expected to be long. */
  readonly queuedLong: number;
  /** When the oldest queued task arrived, or undefined when none waits. */
  readonly oldestQueuedMs: number | undefined;
  readonly running: number;
  /** Of those that run: in the long lane. */
  readonly long: number;
  /** Of those that run: past their quantum on a reserved worker. */
  readonly overstaying: number;
}

/** Above this share of the CPUs more workers would only take turns. */
const SATURATED = 0.9;
/** After so many quanta a long task that waits has the first right to a worker that is not reserved. */
const LONG_PATIENCE_QUANTA = 4;

export class Scheduler {
  readonly #policy: Policy;
  readonly #costs: CostModel;
  readonly #rate: BootRate;
  readonly #tasks = new Map<number, TaskRecord>();
  readonly #shortQueue = new DueQueue();
  readonly #longQueue = new LongQueue();
  /** All that wait, oldest first: a Set keeps the order of insertion. */
  readonly #waiting = new Set<number>();
  /** Ids of running tasks within their quantum, of those in the long lane, and of those past it on a reserved worker. */
  readonly #short = new Set<number>();
  readonly #long = new Set<number>();
  readonly #overstaying = new Set<number>();
  readonly #cancelled = new Set<number>();
  readonly #workers = new WorkerTable();
  #commands: SchedulerCommand[] = [];
  #hasBooted = false;
  #bootsPaused = false;
  #closing = false;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#costs = new CostModel(policy.quantumMs);
    this.#rate = new BootRate(policy.cpus);
  }

  get figures(): SchedulerFigures {
    const oldest = first(this.#waiting);
    return {
      queued: this.#waiting.size,
      queuedLong: this.#longQueue.size,
      oldestQueuedMs: oldest === undefined ? undefined : this.#record(oldest).sinceMs,
      running: this.#short.size + this.#long.size + this.#overstaying.size,
      long: this.#long.size,
      overstaying: this.#overstaying.size,
    };
  }

  laneOf(task: number): Lane | undefined {
    if (this.#long.has(task)) return 'long';
    return this.#short.has(task) || this.#overstaying.has(task) ? 'short' : undefined;
  }

  /** Takes one event at time `nowMs` and returns what is to be done, in order. Time must not go backwards. */
  handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    this.#commands = [];
    this.#apply(event, nowMs);
    this.#expire(nowMs);
    this.#dispatch(nowMs);
    this.#retireIdle(nowMs);
    if (event.type === 'WorkerReady') this.#rate.booted(this.#wanted(nowMs) > this.#workers.usableCount);
    return this.#commands;
  }

  #apply(event: SchedulerEvent, nowMs: number): void {
    switch (event.type) {
      case 'TaskArrived':
        this.#admit(event.task, event.facts, nowMs);
        return;
      case 'TaskCommitted': {
        const record = this.#tasks.get(event.task);
        if (record !== undefined) record.committed = true;
        return;
      }
      case 'TaskCancelled':
        this.#cancel(event.task, nowMs);
        return;
      case 'TaskEnded':
        this.#end(event.task, nowMs);
        return;
      case 'WorkerStarting':
        this.#workers.add(event.worker);
        return;
      case 'WorkerReady':
        this.#hasBooted = true;
        this.#workers.setReady(event.worker, event.deadlineMs, nowMs);
        return;
      case 'WorkerMeasured':
        this.#workers.measure(event.worker, event.memoryBytes, event.cpus);
        return;
      case 'WorkerSunk': {
        const worker = this.#workers.get(event.worker);
        if (worker !== undefined) worker.sunk = true;
        return;
      }
      case 'WorkerWithdrawn':
        this.#workers.withdraw(event.worker);
        return;
      case 'WorkerGone':
        this.#loseWorker(event.worker);
        return;
      case 'BootsPaused':
        this.#bootsPaused = true;
        return;
      case 'BootsResumed':
        this.#bootsPaused = false;
        return;
      case 'Closing':
        this.#closing = true;
        for (const task of this.#waiting) this.#reject(task, 'closing');
        return;
      case 'ClockTicked':
        return;
    }
  }

  #admit(task: number, facts: TaskFacts, nowMs: number): void {
    const expected = this.#costs.expect(facts.key);
    const expectedLong = expected.lane === 'long';
    this.#tasks.set(task, { facts, sinceMs: nowMs, expectedLong, committed: false, state: { phase: 'queued' } });
    if (this.#closing) return this.#reject(task, 'closing');
    const mustWait = this.#workers.idleCount === 0 || expectedLong;
    if (mustWait && this.#waiting.size >= this.#policy.queueLimit) return this.#reject(task, 'queueFull');
    if (expectedLong && this.#overstaying.size > 0 && !this.#longLaneHasRoom()) return this.#reject(task, 'longLaneFull');
    this.#waiting.add(task);
    if (expectedLong) this.#longQueue.add(task, facts, expected.runMs, nowMs);
    else this.#shortQueue.add(task, nowMs - facts.priority * PRIORITY_STEP_MS);
  }

  #reject(task: number, reason: RejectReason): void {
    this.#unqueue(task);
    this.#tasks.delete(task);
    this.#commands.push({ type: 'RejectTask', task, reason });
  }

  #unqueue(task: number): void {
    this.#waiting.delete(task);
    this.#shortQueue.remove(task);
    this.#longQueue.remove(task);
  }

  /** Workers that long tasks can not have: as many as there are CPUs, and never the last one. */
  #reserved(): number {
    return Math.max(0, Math.min(Math.ceil(this.#policy.cpus), this.#capacity() - 1));
  }

  /** Most workers that may live at once. */
  #capacity(): number {
    const { max, memoryBytes } = this.#policy;
    return memoryBytes === 0 ? max : Math.min(max, this.#workers.capacity(memoryBytes));
  }

  #longLimit(): number {
    return this.#capacity() - this.#reserved();
  }

  #longLaneHasRoom(): boolean {
    return this.#workers.longCount < this.#longLimit();
  }

  #dispatch(nowMs: number): void {
    const longIsPatient = !this.#longHasWaited(nowMs);
    if (longIsPatient) this.#startShort(nowMs);
    this.#startLong(nowMs);
    if (!longIsPatient) this.#startShort(nowMs);
    // With no worker and no hope of one, an answer now is better than a time-out later.
    if (this.#bootsPaused && this.#workers.usableCount === 0) for (const task of this.#waiting) this.#reject(task, 'noWorker');
  }

  /** Looks at the oldest of all that wait: where that is a short one, no long one has waited longer. */
  #longHasWaited(nowMs: number): boolean {
    const oldest = first(this.#waiting);
    if (oldest === undefined || !this.#longQueue.has(oldest)) return false;
    return this.#record(oldest).sinceMs + LONG_PATIENCE_QUANTA * this.#policy.quantumMs <= nowMs;
  }

  #startShort(nowMs: number): void {
    while (this.#workers.idleCount > 0) {
      const task = this.#shortQueue.peek();
      if (task === undefined) return;
      this.#start(task, 'short', nowMs);
    }
  }

  #startLong(nowMs: number): void {
    while (this.#longQueue.size > 0 && this.#canStartLong()) {
      const task = this.#longQueue.take();
      if (task !== undefined) this.#start(task, 'long', nowMs);
    }
  }

  #canStartLong(): boolean {
    return this.#workers.idleCount > 0 && this.#longLaneHasRoom() && this.#workers.hotCount > this.#reserved();
  }

  #start(task: number, lane: Lane, nowMs: number): void {
    const worker = this.#workers.takeIdle();
    if (worker === undefined) throw new Error(`no free worker for task ${task}`);
    this.#unqueue(task);
    worker.task = task;
    worker.served += 1;
    this.#workers.setLane(worker, lane);
    this.#record(task).state = {
      phase: 'running',
      worker: worker.id,
      startedMs: nowMs,
      deadlineAtMs: nowMs + worker.deadlineMs,
    };
    (lane === 'short' ? this.#short : this.#long).add(task);
    this.#commands.push({ type: 'StartTask', task, worker: worker.id, lane });
  }

  #cancel(task: number, nowMs: number): void {
    const record = this.#tasks.get(task);
    if (record === undefined) return;
    const { state } = record;
    if (state.phase === 'queued') {
      this.#unqueue(task);
      this.#tasks.delete(task);
      return;
    }
    if (state.phase !== 'running') return;
    this.#stopRunning(task);
    const { worker, startedMs } = state;
    record.state = { phase: 'cancelled', worker, startedMs, killAtMs: nowMs + this.#policy.cancelGraceMs };
    this.#cancelled.add(task);
    this.#commands.push({ type: 'CancelTask', task, worker });
  }

  #end(task: number, nowMs: number): void {
    const record = this.#tasks.get(task);
    if (record === undefined || record.state.phase === 'queued') return;
    const { state } = record;
    // What was cancelled early says nothing about what the key costs; what ran long all the same does.
    if (state.phase === 'running') this.#costs.learn(record.facts.key, nowMs - state.startedMs);
    this.#stopRunning(task);
    this.#tasks.delete(task);
    const worker = this.#workers.get(state.worker);
    if (worker?.task !== task) return;
    worker.task = undefined;
    this.#workers.setLane(worker, 'short');
    this.#afterTask(worker, nowMs);
  }

  #afterTask(worker: WorkerRecord, nowMs: number): void {
    if (worker.phase !== 'ready') return;
    const { reuse, maxRequests } = this.#policy;
    if (!reuse) return this.#retire(worker.id, 'spent');
    if (maxRequests > 0 && worker.served >= spread(maxRequests, worker.id)) return this.#retire(worker.id, 'maxRequests');
    if (worker.sunk) return this.#retire(worker.id, 'demoted');
    this.#workers.addIdle(worker, nowMs);
  }

  #retire(worker: number, reason: RetireReason): void {
    this.#workers.withdraw(worker);
    this.#commands.push({ type: 'RetireWorker', worker, reason });
  }

  #stopRunning(task: number): void {
    this.#short.delete(task);
    this.#long.delete(task);
    this.#overstaying.delete(task);
    this.#cancelled.delete(task);
  }

  #loseWorker(id: number): void {
    const worker = this.#workers.remove(id);
    if (worker?.task === undefined) return;
    const task = worker.task;
    this.#stopRunning(task);
    this.#tasks.delete(task);
    this.#commands.push({ type: 'LoseTask', task, worker: id });
  }

  /** Everything whose time has come: the end of the quantum, deadlines, graces, queue time-outs. */
  #expire(nowMs: number): void {
    // What overstays was there first: room in the long lane is for it.
    for (const task of this.#overstaying) {
      if (!this.#longLaneHasRoom()) break;
      this.#demote(task);
    }
    for (const task of this.#short) {
      const running = this.#running(task);
      if (this.#shortUntilMs(running) > nowMs) break;
      this.#leaveShortLane(task, running, nowMs);
    }
    for (const tasks of [this.#long, this.#overstaying]) {
      for (const task of tasks) {
        const running = this.#running(task);
        if (running.deadlineAtMs <= nowMs) this.#kill(task, running, 'deadline', nowMs);
      }
    }
    for (const task of this.#cancelled) {
      const { state } = this.#record(task);
      if (state.phase === 'cancelled' && state.killAtMs <= nowMs) this.#kill(task, state, 'cancelled', nowMs);
    }
    for (const task of this.#waiting) {
      if (this.#record(task).sinceMs + this.#policy.queueTimeoutMs > nowMs) break;
      this.#reject(task, 'queueTimeout');
    }
  }

  /** The quantum is over. Nothing changes for the task where the long lane has room; else it depends on what may be done to it. */
  #leaveShortLane(task: number, running: Running, nowMs: number): void {
    if (running.deadlineAtMs <= nowMs) {
      this.#kill(task, running, 'deadline', nowMs);
      return;
    }
    if (this.#longLaneHasRoom()) {
      this.#demote(task);
      return;
    }
    const record = this.#record(task);
    this.#short.delete(task);
    if (record.facts.restartable && !record.committed && this.#waiting.size < this.#policy.queueLimit) {
      this.#requeue(task, record, running, nowMs);
      return;
    }
    this.#overstaying.add(task);
    this.#commands.push({ type: 'TaskOverstays', task, worker: running.worker });
  }

  #demote(task: number): void {
    const { worker } = this.#running(task);
    this.#short.delete(task);
    this.#overstaying.delete(task);
    this.#long.add(task);
    const record = this.#workers.get(worker);
    if (record !== undefined) this.#workers.setLane(record, 'long');
    this.#commands.push({ type: 'DemoteTask', task, worker });
  }

  /** Its worker ends, and the task waits for the long lane, with its queue time counted anew. */
  #requeue(task: number, record: TaskRecord, running: Running, nowMs: number): void {
    const runMs = nowMs - running.startedMs;
    this.#costs.learn(record.facts.key, runMs);
    const worker = this.#workers.get(running.worker);
    if (worker !== undefined) worker.task = undefined;
    this.#workers.withdraw(running.worker);
    this.#tasks.set(task, { ...record, sinceMs: nowMs, expectedLong: true, state: { phase: 'queued' } });
    this.#waiting.add(task);
    this.#longQueue.add(task, record.facts, runMs, nowMs);
    this.#commands.push({ type: 'RequeueTask', task, worker: running.worker });
  }

  #kill(
    task: number,
    { worker, startedMs }: { readonly worker: number; readonly startedMs: number },
    reason: 'cancelled' | 'deadline',
    nowMs: number,
  ): void {
    const record = this.#record(task);
    this.#costs.learn(record.facts.key, nowMs - startedMs);
    this.#stopRunning(task);
    record.state = { phase: 'killed', worker };
    this.#workers.withdraw(worker);
    this.#commands.push({ type: 'KillTask', task, worker, reason });
  }

  #retireIdle(nowMs: number): void {
    if (!this.#policy.reuse) return;
    while (this.#workers.usableCount > this.#kept()) {
      const oldest = this.#workers.oldestIdle;
      if (oldest === undefined) return;
      const isTooMany = this.#workers.usableCount > this.#capacity();
      if (!isTooMany && oldest.idleSinceMs + this.#policy.idleTimeoutMs > nowMs) return;
      this.#retire(oldest.id, isTooMany ? 'memory' : 'idle');
    }
  }

  /** Workers that should be there even without a queue: beside the long tasks, the spares stay free for short ones. */
  #kept(): number {
    const { min, spares } = this.#policy;
    return Math.min(this.#capacity(), Math.max(min, this.#workers.longCount + this.#overstaying.size + spares));
  }

  /** How many workers there should be now. */
  #wanted(nowMs: number): number {
    const { spares, reuse } = this.#policy;
    const { usableCount: usable, idleCount: idle, startingCount: starting, longCount: long } = this.#workers;
    if (!reuse) return usable + this.#waiting.size + spares - starting - idle;
    const startableLong = Math.min(this.#longQueue.size, this.#longLimit() - long);
    let wanted = Math.max(this.#kept(), startableLong > 0 ? long + startableLong + this.#reserved() : 0);
    if (this.#isPressed(nowMs)) wanted = Math.max(wanted, usable + this.#shortQueue.size - starting);
    return wanted;
  }

  /**
   * How many workers should be booted now. Zero while closing; never more than have room and boot at once. While boots are
   * paused they are missing all the same: the supervisor holds them back, and tries one when the pause is over.
   */
  missingWorkers(nowMs: number): number {
    if (this.#closing) return 0;
    const { usableCount: usable, startingCount: starting, aliveCount: alive } = this.#workers;
    let missing = this.#wanted(nowMs) - usable;
    // Tasks that are turned away for want of a worker do not wait for one: without this nobody would ever boot it. And the very
    // first one shows that the handler loads, however few are to be kept.
    if ((this.#bootsPaused || !this.#hasBooted) && usable === 0) missing = Math.max(missing, 1);
    return Math.max(0, Math.min(missing, this.#capacity() - alive, this.#rate.atOnce - starting));
  }

  /** Whether the queue waits for more than a worker that is about to be free, and more workers would help. */
  #isPressed(nowMs: number): boolean {
    const oldest = this.#shortQueue.peek();
    if (oldest === undefined) return false;
    const { cpus, quantumMs } = this.#policy;
    if (this.#short.size >= Math.ceil(cpus) && this.#workers.shortCpus >= SATURATED * cpus) return false;
    return this.#short.size === 0 || this.#record(oldest).sinceMs + quantumMs <= nowMs;
  }

  /**
   * When `handle` has to be called with `ClockTicked` at the latest, or undefined for never. It is also the time to look at
   * `missingWorkers` again: a queue that moves on by itself is not pressed yet.
   */
  nextWakeMs(nowMs: number): number | undefined {
    const { quantumMs, queueTimeoutMs, idleTimeoutMs, reuse } = this.#policy;
    let wake = Number.POSITIVE_INFINITY;
    const soonest = (atMs: number): void => {
      wake = Math.min(wake, atMs);
    };
    const short = first(this.#short);
    if (short !== undefined) soonest(this.#shortUntilMs(this.#running(short)));
    for (const task of this.#long) soonest(this.#running(task).deadlineAtMs);
    for (const task of this.#overstaying) soonest(this.#running(task).deadlineAtMs);
    for (const task of this.#cancelled) {
      const { state } = this.#record(task);
      if (state.phase === 'cancelled') soonest(state.killAtMs);
    }
    const waiting = first(this.#waiting);
    if (waiting !== undefined) {
      const { sinceMs } = this.#record(waiting);
      soonest(sinceMs + queueTimeoutMs);
      for (const atMs of [sinceMs + quantumMs, sinceMs + LONG_PATIENCE_QUANTA * quantumMs]) if (atMs > nowMs) soonest(atMs);
    }
    const oldest = this.#workers.oldestIdle;
    if (oldest !== undefined && reuse && this.#workers.usableCount > this.#kept()) soonest(oldest.idleSinceMs + idleTimeoutMs);
    return wake === Number.POSITIVE_INFINITY ? undefined : wake;
  }

  #shortUntilMs(running: Running): number {
    return Math.min(running.startedMs + this.#policy.quantumMs, running.deadlineAtMs);
  }

  #running(task: number): Running {
    const { state } = this.#record(task);
    if (state.phase !== 'running') throw new Error(`task ${task} is in a lane and does not run`);
    return state;
  }

  #record(task: number): TaskRecord {
    const record = this.#tasks.get(task);
    if (record === undefined) throw new Error(`task ${task} is not known`);
    return record;
  }
}

function first(ids: ReadonlySet<number>): number | undefined {
  for (const id of ids) return id;
  return undefined;
}
