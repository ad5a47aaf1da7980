/**
 * Decides which task runs where, and how many workers there should be. A deterministic machine: events and the time go in,
 * commands come out; it starts nothing, waits for nothing and reads no clock. Every step takes constant time, but for
 * scans over the tasks that run long, of which there are at most as many as workers.
 *
 * How many workers are missing is a level, not an order (`missingWorkers`): the supervisor may have to wait before it boots
 * the next one, and by then the answer may be another.
 */
import { spread } from './spread.ts';
import type { Policy, RejectReason, SchedulerCommand, SchedulerEvent } from './types.ts';
import { type WorkerRecord, WorkerTable } from './worker-table.ts';

type TaskRecord =
  | { readonly phase: 'queued'; readonly sinceMs: number }
  | {
      readonly phase: 'running';
      readonly worker: number;
      readonly lane: 'short' | 'long';
      readonly startedMs: number;
      readonly deadlineAtMs: number;
    }
  /** Nobody waits for it; it still holds its worker. */
  | { readonly phase: 'cancelled'; readonly worker: number; readonly killAtMs: number }
  /** Its worker is being killed. */
  | { readonly phase: 'killed'; readonly worker: number };

type RunningTask = Extract<TaskRecord, { phase: 'running' }>;

export interface SchedulerFigures {
  readonly queued: number;
  /** When the oldest queued task arrived, or undefined when none waits. */
  readonly oldestQueuedMs: number | undefined;
  readonly running: number;
  readonly long: number;
}

export class Scheduler {
  readonly #policy: Policy;
  readonly #tasks = new Map<number, TaskRecord>();
  /** Ids of queued tasks, oldest first: a Map and a Set keep the order of insertion. */
  readonly #queue = new Set<number>();
  /** Ids of running tasks of each lane, first started first. */
  readonly #short = new Set<number>();
  readonly #long = new Set<number>();
  readonly #cancelled = new Set<number>();
  readonly #workers = new WorkerTable();
  #commands: SchedulerCommand[] = [];
  #hasBooted = false;
  #bootsPaused = false;
  #closing = false;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  get figures(): SchedulerFigures {
    const oldest = first(this.#queue);
    return {
      queued: this.#queue.size,
      oldestQueuedMs: oldest === undefined ? undefined : this.#queuedSince(oldest),
      running: this.#short.size + this.#long.size,
      long: this.#long.size,
    };
  }

  laneOf(task: number): 'short' | 'long' | undefined {
    const record = this.#tasks.get(task);
    return record?.phase === 'running' ? record.lane : undefined;
  }

  /** Takes one event at time `nowMs` and returns what is to be done, in order. Time must not go backwards. */
  handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    this.#commands = [];
    this.#apply(event, nowMs);
    this.#dispatch(nowMs);
    this.#expire(nowMs);
    this.#retireIdle(nowMs);
    return this.#commands;
  }

  #apply(event: SchedulerEvent, nowMs: number): void {
    switch (event.type) {
      case 'TaskArrived':
        this.#admit(event.task, nowMs);
        return;
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
        for (const task of this.#queue) this.#reject(task, 'closing');
        return;
      case 'ClockTicked':
        return;
    }
  }

  #admit(task: number, nowMs: number): void {
    if (this.#closing) return this.#reject(task, 'closing');
    if (this.#workers.idleCount === 0 && this.#queue.size >= this.#policy.queueLimit) return this.#reject(task, 'queueFull');
    this.#tasks.set(task, { phase: 'queued', sinceMs: nowMs });
    this.#queue.add(task);
  }

  #reject(task: number, reason: RejectReason): void {
    this.#queue.delete(task);
    this.#tasks.delete(task);
    this.#commands.push({ type: 'RejectTask', task, reason });
  }

  #dispatch(nowMs: number): void {
    for (const task of this.#queue) {
      const worker = this.#workers.takeIdle();
      if (worker === undefined) break;
      this.#queue.delete(task);
      worker.task = task;
      worker.served += 1;
      this.#tasks.set(task, {
        phase: 'running',
        worker: worker.id,
        lane: 'short',
        startedMs: nowMs,
        deadlineAtMs: nowMs + worker.deadlineMs,
      });
      this.#short.add(task);
      this.#commands.push({ type: 'StartTask', task, worker: worker.id });
    }
    // With no worker and no hope of one, an answer now is better than a time-out later.
    if (this.#bootsPaused && this.#workers.usableCount === 0) for (const task of this.#queue) this.#reject(task, 'noWorker');
  }

  #cancel(task: number, nowMs: number): void {
    const record = this.#tasks.get(task);
    if (record === undefined) return;
    if (record.phase === 'queued') {
      this.#queue.delete(task);
      this.#tasks.delete(task);
      return;
    }
    if (record.phase !== 'running') return;
    this.#stopRunning(task);
    this.#tasks.set(task, { phase: 'cancelled', worker: record.worker, killAtMs: nowMs + this.#policy.cancelGraceMs });
    this.#cancelled.add(task);
    this.#commands.push({ type: 'CancelTask', task, worker: record.worker });
  }

  #end(task: number, nowMs: number): void {
    const record = this.#tasks.get(task);
    if (record === undefined || record.phase === 'queued') return;
    this.#stopRunning(task);
    this.#tasks.delete(task);
    const worker = this.#workers.get(record.worker);
    if (worker === undefined || worker.task !== task) return;
    worker.task = undefined;
    this.#afterTask(worker, nowMs);
  }

  #afterTask(worker: WorkerRecord, nowMs: number): void {
    if (worker.phase !== 'ready') return;
    const { reuse, maxRequests } = this.#policy;
    if (!reuse) return this.#retire(worker.id, 'spent');
    if (maxRequests > 0 && worker.served >= spread(maxRequests, worker.id)) return this.#retire(worker.id, 'maxRequests');
    this.#workers.addIdle(worker, nowMs);
  }

  #retire(worker: number, reason: 'idle' | 'maxRequests' | 'spent'): void {
    this.#workers.withdraw(worker);
    this.#commands.push({ type: 'RetireWorker', worker, reason });
  }

  #stopRunning(task: number): void {
    this.#short.delete(task);
    this.#long.delete(task);
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
    for (const task of this.#short) {
      const record = this.#running(task);
      if (this.#shortUntilMs(record) > nowMs) break;
      this.#short.delete(task);
      this.#long.add(task);
      this.#tasks.set(task, { ...record, lane: 'long' });
    }
    for (const task of this.#long) {
      const record = this.#running(task);
      if (record.deadlineAtMs <= nowMs) this.#kill(task, record.worker, 'deadline');
    }
    for (const task of this.#cancelled) {
      const record = this.#tasks.get(task);
      if (record?.phase === 'cancelled' && record.killAtMs <= nowMs) this.#kill(task, record.worker, 'cancelled');
    }
    for (const task of this.#queue) {
      if (this.#queuedSince(task) + this.#policy.queueTimeoutMs > nowMs) break;
      this.#reject(task, 'queueTimeout');
    }
  }

  #kill(task: number, worker: number, reason: 'cancelled' | 'deadline'): void {
    this.#stopRunning(task);
    this.#tasks.set(task, { phase: 'killed', worker });
    this.#workers.withdraw(worker);
    this.#commands.push({ type: 'KillTask', task, worker, reason });
  }

  #retireIdle(nowMs: number): void {
    if (!this.#policy.reuse) return;
    while (this.#workers.usableCount > this.#floor()) {
      const oldest = this.#workers.oldestIdle;
      if (oldest === undefined || oldest.idleSinceMs + this.#policy.idleTimeoutMs > nowMs) return;
      this.#retire(oldest.id, 'idle');
    }
  }

  /** Workers that should be there even without a queue: beside the long tasks, the spares stay free for short ones. */
  #floor(): number {
    const { min, max, spares } = this.#policy;
    return Math.min(max, Math.max(min, this.#long.size + spares));
  }

  /**
   * How many workers should be booted now. Zero while closing; never more than fit under `max` and boot at once. While boots
   * are paused they are missing all the same: the supervisor holds them back, and tries one when the pause is over.
   */
  missingWorkers(nowMs: number): number {
    if (this.#closing) return 0;
    const { max, spares, reuse, bootsAtOnce } = this.#policy;
    const { starting, idle } = { starting: this.#workers.startingCount, idle: this.#workers.idleCount };
    let missing: number;
    if (reuse) {
      missing = this.#floor() - this.#workers.usableCount;
      if (this.#isPressed(nowMs)) missing = Math.max(missing, this.#queue.size - starting);
    } else {
      missing = this.#queue.size + spares - starting - idle;
    }
    // Tasks that are turned away for want of a worker do not wait for one: without this nobody would ever boot it. And the very
    // first one shows that the handler loads, however few are to be kept.
    if ((this.#bootsPaused || !this.#hasBooted) && this.#workers.usableCount === 0) missing = Math.max(missing, 1);
    return Math.max(0, Math.min(missing, max - this.#workers.aliveCount, bootsAtOnce - starting));
  }

  /** Whether the queue waits for more than a worker that is about to be free. */
  #isPressed(nowMs: number): boolean {
    const oldest = first(this.#queue);
    if (oldest === undefined) return false;
    return this.#short.size === 0 || this.#queuedSince(oldest) + this.#policy.quantumMs <= nowMs;
  }

  /**
   * When `handle` has to be called with `ClockTicked` at the latest, or undefined for never. It is also the time to look at
   * `missingWorkers` again: a queue that moves on by itself is not pressed yet.
   */
  nextWakeMs(nowMs: number): number | undefined {
    const { quantumMs, queueTimeoutMs, idleTimeoutMs, reuse } = this.#policy;
    let wake = Number.POSITIVE_INFINITY;
    const short = first(this.#short);
    if (short !== undefined) wake = this.#shortUntilMs(this.#running(short));
    for (const task of this.#long) wake = Math.min(wake, this.#running(task).deadlineAtMs);
    for (const task of this.#cancelled) {
      const record = this.#tasks.get(task);
      if (record?.phase === 'cancelled') wake = Math.min(wake, record.killAtMs);
    }
    const queued = first(this.#queue);
    if (queued !== undefined) {
      const since = this.#queuedSince(queued);
      wake = Math.min(wake, since + queueTimeoutMs, since + quantumMs > nowMs ? since + quantumMs : Number.POSITIVE_INFINITY);
    }
    const oldest = this.#workers.oldestIdle;
    if (oldest !== undefined && reuse && this.#workers.usableCount > this.#floor()) {
      wake = Math.min(wake, oldest.idleSinceMs + idleTimeoutMs);
    }
    return wake === Number.POSITIVE_INFINITY ? undefined : wake;
  }

  #shortUntilMs(record: RunningTask): number {
    return Math.min(record.startedMs + this.#policy.quantumMs, record.deadlineAtMs);
  }

  #running(task: number): RunningTask {
    const record = this.#tasks.get(task);
    if (record?.phase !== 'running') throw new Error(`task ${task} is in a lane and does not run`);
    return record;
  }

  #queuedSince(task: number): number {
    const record = this.#tasks.get(task);
    if (record?.phase !== 'queued') throw new Error(`task ${task} is in the queue and not queued`);
    return record.sinceMs;
  }
}

function first(ids: ReadonlySet<number>): number | undefined {
  for (const id of ids) return id;
  return undefined;
}
