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
import { CostModel } from './cost-model.ts';
import { type Demand, Staffing } from './staffing.ts';
import { type Running, shortUntilMs, type Started, type TaskRecord, TaskTable } from './task-table.ts';
import type {
  Lane,
  Policy,
  RejectReason,
  RetireReason,
  SchedulerCommand,
  SchedulerEvent,
  SchedulerFigures,
  TaskFacts,
} from './types.ts';
import { WaitingTasks } from './waiting-tasks.ts';
import { type WorkerRecord, WorkerTable } from './worker-table.ts';

export class Scheduler {
  readonly #policy: Policy;
  readonly #costs: CostModel;
  readonly #tasks = new TaskTable();
  readonly #waiting = new WaitingTasks();
  readonly #workers = new WorkerTable();
  readonly #staffing: Staffing;
  #commands: SchedulerCommand[] = [];
  #bootsPaused = false;
  #closing = false;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#costs = new CostModel(policy.quantumMs);
    this.#staffing = new Staffing(policy, this.#workers);
  }

  get figures(): SchedulerFigures {
    return {
      queued: this.#waiting.size,
      queuedLong: this.#waiting.longSize,
      oldestQueuedMs: this.#waiting.oldestSinceMs,
      running: this.#tasks.runningCount,
      long: this.#tasks.long.size,
      overstaying: this.#tasks.overstaying.size,
    };
  }

  laneOf(task: number): Lane | undefined {
    return this.#tasks.laneOf(task);
  }

  /** Takes one event at time `nowMs` and returns what is to be done, in order. Time must not go backwards. */
  handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    this.#commands = [];
    this.#apply(event, nowMs);
    this.#expire(nowMs);
    this.#dispatch(nowMs);
    this.#retireIdle(nowMs);
    if (event.type === 'WorkerReady') this.#staffing.booted(this.#demand(nowMs));
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
        this.#workers.setReady(event.worker, event.deadlineMs, nowMs);
        return;
      case 'WorkerMeasured':
        this.#workers.measure(event.worker, event.memoryBytes);
        return;
      case 'LoadMeasured':
        this.#staffing.setLoad(event.cpus);
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
        for (const task of this.#waiting.all()) this.#reject(task, 'closing');
        return;
      case 'ClockTicked':
        return;
    }
  }

  #admit(task: number, facts: TaskFacts, nowMs: number): void {
    const expected = this.#costs.expect(facts.key);
    const isLong = expected.lane === 'long';
    this.#tasks.add(task, facts);
    if (this.#closing) return this.#reject(task, 'closing');
    const mustWait = this.#workers.idleCount === 0 || isLong;
    if (mustWait && this.#waiting.size >= this.#policy.queueLimit) return this.#reject(task, 'queueFull');
    if (isLong && this.#tasks.overstaying.size > 0 && !this.#staffing.longLaneHasRoom) return this.#reject(task, 'longLaneFull');
    if (isLong) this.#waiting.addLong(task, facts, expected.runMs, nowMs);
    else this.#waiting.addShort(task, facts, nowMs);
  }

  #reject(task: number, reason: RejectReason): void {
    this.#waiting.remove(task);
    this.#tasks.delete(task);
    this.#commands.push({ type: 'RejectTask', task, reason });
  }

  #dispatch(nowMs: number): void {
    const longIsPatient = !this.#waiting.longHasWaited(this.#policy.quantumMs, nowMs);
    if (longIsPatient) this.#startShort(nowMs);
    this.#startLong(nowMs);
    if (!longIsPatient) this.#startShort(nowMs);
    // With no worker and no hope of one, an answer now is better than a time-out later.
    if (this.#bootsPaused && this.#workers.usableCount === 0)
      for (const task of this.#waiting.all()) this.#reject(task, 'noWorker');
  }

  #startShort(nowMs: number): void {
    while (this.#workers.idleCount > 0) {
      const task = this.#waiting.nextShort;
      if (task === undefined) return;
      this.#start(task, 'short', nowMs);
    }
  }

  #startLong(nowMs: number): void {
    while (this.#waiting.longSize > 0 && this.#staffing.canStartLong) {
      const task = this.#waiting.takeLong();
      if (task !== undefined) this.#start(task, 'long', nowMs);
    }
  }

  #start(task: number, lane: Lane, nowMs: number): void {
    const worker = this.#workers.takeIdle();
    if (worker === undefined) throw new Error(`no free worker for task ${task}`);
    this.#waiting.remove(task);
    worker.task = task;
    worker.served += 1;
    this.#workers.setLane(worker, lane);
    this.#tasks.record(task).state = {
      phase: 'running',
      worker: worker.id,
      startedMs: nowMs,
      deadlineAtMs: nowMs + worker.deadlineMs,
    };
    this.#tasks[lane].add(task);
    this.#commands.push({ type: 'StartTask', task, worker: worker.id, lane });
  }

  #cancel(task: number, nowMs: number): void {
    const record = this.#tasks.get(task);
    if (record === undefined) return;
    const { state } = record;
    if (state.phase === 'queued') {
      this.#waiting.remove(task);
      this.#tasks.delete(task);
      return;
    }
    if (state.phase !== 'running') return;
    this.#tasks.leaveLanes(task);
    const { worker, startedMs } = state;
    record.state = { phase: 'cancelled', worker, startedMs, killAtMs: nowMs + this.#policy.cancelGraceMs };
    this.#tasks.cancelled.add(task);
    this.#commands.push({ type: 'CancelTask', task, worker });
  }

  #end(task: number, nowMs: number): void {
    const record = this.#tasks.get(task);
    if (record === undefined || record.state.phase === 'queued') return;
    const { state } = record;
    // What was cancelled early says nothing about what the key costs; what ran long all the same does.
    if (state.phase === 'running') this.#costs.learn(record.facts.key, nowMs - state.startedMs);
    this.#tasks.delete(task);
    const worker = this.#workers.get(state.worker);
    if (worker?.task !== task) return;
    worker.task = undefined;
    this.#workers.setLane(worker, 'short');
    this.#afterTask(worker, nowMs);
  }

  #afterTask(worker: WorkerRecord, nowMs: number): void {
    if (worker.phase !== 'ready') return;
    const reason = this.#staffing.reasonToRetire(worker);
    if (reason === undefined) this.#workers.addIdle(worker, nowMs);
    else this.#retire(worker.id, reason);
  }

  #retire(worker: number, reason: RetireReason): void {
    this.#workers.withdraw(worker);
    this.#commands.push({ type: 'RetireWorker', worker, reason });
  }

  #loseWorker(id: number): void {
    const worker = this.#workers.remove(id);
    if (worker?.task === undefined) return;
    const task = worker.task;
    this.#tasks.delete(task);
    this.#commands.push({ type: 'LoseTask', task, worker: id });
  }

  /** Everything whose time has come: the end of the quantum, deadlines, graces, queue time-outs. */
  #expire(nowMs: number): void {
    // What overstays was there first: room in the long lane is for it.
    for (const task of this.#tasks.overstaying) {
      if (!this.#staffing.longLaneHasRoom) break;
      this.#demote(task);
    }
    for (const task of this.#tasks.short) {
      const running = this.#tasks.running(task);
      if (shortUntilMs(running, this.#policy.quantumMs) > nowMs) break;
      this.#leaveShortLane(task, running, nowMs);
    }
    for (const [task, state, reason] of this.#tasks.overdue(nowMs)) this.#kill(task, state, reason, nowMs);
    for (const task of this.#waiting.since(nowMs - this.#policy.queueTimeoutMs)) this.#reject(task, 'queueTimeout');
  }

  /** The quantum is over. Nothing changes for the task where the long lane has room; else it depends on what may be done to it. */
  #leaveShortLane(task: number, running: Running, nowMs: number): void {
    if (running.deadlineAtMs <= nowMs) {
      this.#kill(task, running, 'deadline', nowMs);
      return;
    }
    if (this.#staffing.longLaneHasRoom) {
      this.#demote(task);
      return;
    }
    const record = this.#tasks.record(task);
    this.#tasks.short.delete(task);
    if (record.facts.restartable && !record.committed && this.#waiting.size < this.#policy.queueLimit) {
      this.#requeue(task, record, running, nowMs);
      return;
    }
    this.#tasks.overstaying.add(task);
    this.#commands.push({ type: 'TaskOverstays', task, worker: running.worker });
  }

  #demote(task: number): void {
    const { worker } = this.#tasks.running(task);
    this.#tasks.short.delete(task);
    this.#tasks.overstaying.delete(task);
    this.#tasks.long.add(task);
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
    record.state = { phase: 'queued' };
    this.#waiting.addLong(task, record.facts, runMs, nowMs);
    this.#commands.push({ type: 'RequeueTask', task, worker: running.worker });
  }

  #kill(task: number, { worker, startedMs }: Started, reason: 'cancelled' | 'deadline', nowMs: number): void {
    const record = this.#tasks.record(task);
    this.#costs.learn(record.facts.key, nowMs - startedMs);
    this.#tasks.leaveLanes(task);
    record.state = { phase: 'killed', worker };
    this.#workers.withdraw(worker);
    this.#commands.push({ type: 'KillTask', task, worker, reason });
  }

  #retireIdle(nowMs: number): void {
    if (!this.#policy.reuse) return;
    while (this.#workers.usableCount > this.#kept()) {
      const oldest = this.#workers.oldestIdle;
      if (oldest === undefined) return;
      const isTooMany = this.#workers.usableCount > this.#staffing.capacity;
      if (!isTooMany && oldest.idleSinceMs + this.#policy.idleTimeoutMs > nowMs) return;
      this.#retire(oldest.id, isTooMany ? 'memory' : 'idle');
    }
  }

  #kept(): number {
    return this.#staffing.kept(this.#tasks.overstaying.size);
  }

  /** How many workers should be booted now. Zero while closing. */
  missingWorkers(nowMs: number): number {
    return this.#closing ? 0 : this.#staffing.missing(this.#demand(nowMs), this.#bootsPaused);
  }

  #demand(nowMs: number): Demand {
    return {
      waitingShort: this.#waiting.shortSize,
      waitingLong: this.#waiting.longSize,
      overstaying: this.#tasks.overstaying.size,
      isPressed: this.#waiting.shortIsPressed(this.#tasks.short.size === 0 ? 0 : this.#policy.quantumMs, nowMs),
    };
  }

  /**
   * When `handle` has to be called with `ClockTicked` at the latest, or undefined for never. It is also the time to look at
   * `missingWorkers` again: a queue that moves on by itself is not pressed yet.
   */
  nextWakeMs(nowMs: number): number | undefined {
    const { quantumMs, queueTimeoutMs, idleTimeoutMs, reuse } = this.#policy;
    let wake = Math.min(this.#tasks.wakeAtMs(quantumMs), this.#waiting.wakeAtMs(quantumMs, queueTimeoutMs, nowMs));
    const idle = this.#workers.oldestIdle;
    if (idle !== undefined && reuse && this.#workers.usableCount > this.#kept()) {
      wake = Math.min(wake, idle.idleSinceMs + idleTimeoutMs);
    }
    return wake === Number.POSITIVE_INFINITY ? undefined : wake;
  }
}
