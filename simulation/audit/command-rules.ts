/** What each command has to be like, given what is known of its task and its worker; and what it changes in the books. */
import type { Policy, RejectReason, SchedulerCommand, SchedulerEvent } from '../../src/scheduler/types.ts';
import { connect } from './connection-rules.ts';
import { LongLaneRules } from './long-lane-rules.ts';
import { askForWait, type Promises } from './promises.ts';
import { checkRetired } from './retire-rules.ts';
import type { Fate, Place, TaskFates } from './task-fates.ts';
import { TurnRules } from './turn-rules.ts';
import { must } from './violation.ts';
import type { WorkerShadow, WorkerShadows } from './worker-shadows.ts';

export type CommandOf<Type extends SchedulerCommand['type']> = Extract<SchedulerCommand, { type: Type }>;
type AtWorker = Exclude<SchedulerCommand, { type: 'RejectTask' | 'ProbeWorker' | 'RetireWorker' | 'StartTask' | 'CodeServes' }>;

/** Most tasks that a worker holds: what it may run, and `MOST_AHEAD` of the scheduler. */
const MOST_AHEAD = 64;
const ROUNDING_MS = 1e-3;
/** So few are never too many, whatever the pace. */
const FEWEST_WAITING = 16;

export class CommandRules {
  closing = false;
  bootsPaused = false;
  /** It was said that no task meets any other code than that in force. */
  codeServes = true;
  readonly longLane: LongLaneRules;
  readonly turns: TurnRules;
  readonly #policy: Policy;
  readonly #deadlineMs: number;
  readonly #fates: TaskFates;
  readonly #workers: WorkerShadows;
  readonly #promises: Promises;

  constructor(policy: Policy, deadlineMs: number, fates: TaskFates, workers: WorkerShadows, promises: Promises) {
    this.#policy = policy;
    this.#deadlineMs = deadlineMs;
    this.#fates = fates;
    this.#workers = workers;
    this.#promises = promises;
    this.longLane = new LongLaneRules(policy, fates, workers);
    this.turns = new TurnRules(policy);
  }

  check(command: SchedulerCommand, event: SchedulerEvent, nowMs: number): void {
    switch (command.type) {
      case 'StartTask':
        return this.#start(command, nowMs);
      case 'RejectTask':
        return this.#reject(command, nowMs);
      case 'RetireWorker': {
        const worker = this.#workers.get(command.worker);
        checkRetired(command.reason, worker, this.#workers, this.#policy.max, nowMs);
        return this.#withdraw(worker);
      }
      case 'CodeServes': {
        const { generation } = this.#workers;
        must(command.generation === generation, () => `code ${command.generation} serves, and ${generation} is in force`);
        this.codeServes = true;
        return;
      }
      case 'ProbeWorker': {
        const worker = this.#workers.get(command.worker);
        // Where there is one task at a time, nobody waits for that one any more.
        const isWorth = this.#policy.concurrency > 1 || [...worker.held].some((task) => this.#fates.get(task).cancelled);
        must(isWorth && worker.held.size > 0, () => `worker ${worker.id} is probed for nothing`);
        if (this.#policy.concurrency > 1) this.longLane.probe(worker, this.#promises.isCrowded, nowMs);
        return;
      }
      default: {
        const [fate, worker] = [this.#fates.get(command.task), this.#workers.get(command.worker)];
        const isThere = fate.worker === worker.id && (worker.held.has(fate.task) || worker.connections.has(fate.task));
        must(
          isThere,
          () => `${command.type}: task ${fate.task} is not at worker ${worker.id} but ${fate.place}, at ${fate.worker}`,
        );
        if (command.type === 'ReturnTask' || command.type === 'RetryTask' || command.type === 'LoseTask')
          this.#afterLoss(command, fate, worker, event, nowMs);
        else this.#act(command, fate, worker, event, nowMs);
        this.#workers.refile(worker);
      }
    }
  }

  /** The worker does not hold the task any more. */
  release(fate: Fate, worker: WorkerShadow): void {
    worker.held.delete(fate.task);
    worker.connections.delete(fate.task);
    worker.overstaying.delete(fate.task);
    fate.worker = undefined;
  }

  #start({ task, worker: id, ahead, lane }: CommandOf<'StartTask'>, nowMs: number): void {
    const { concurrency, max, memoryBytes } = this.#policy;
    const [fate, worker] = [this.#fates.get(task), this.#workers.get(id)];
    must(fate.place === 'waiting', () => `task ${task} is sent to worker ${id}, and is ${fate.place}`);
    must(worker.phase === 'ready', () => `task ${task} is sent to worker ${id}, which is ${worker.phase}`);
    const { generation } = this.#workers;
    must(!this.codeServes || worker.generation === generation, () => {
      return `task ${task} is sent to worker ${id} with code ${worker.generation}, and ${generation} is said to serve`;
    });
    must(!worker.blocked, () => `task ${task} is sent to worker ${id}, whose event loop does not turn`);
    must(!worker.sunk, () => `task ${task} is sent to worker ${id}, which is to be replaced`);
    if (fate.facts.isConnection === true) return this.#connect(fate, worker, ahead, nowMs);
    must(
      worker.connections.size === 0 || this.#workers.isAlone,
      () => `task ${task} is sent to worker ${id} beside ${worker.connections.size} connections`,
    );
    must(
      ahead === worker.held.size > 0,
      () => `task ${task} is sent to worker ${id} beside ${worker.held.size}, ahead: ${ahead}`,
    );
    must(
      concurrency === 1 || worker.held.size < concurrency,
      () => `worker ${id} holds ${worker.held.size}, and gets task ${task}`,
    );
    must(worker.held.size <= MOST_AHEAD, () => `worker ${id} holds ${worker.held.size}, and gets task ${task}`);
    this.turns.start(fate, lane);
    if (worker.held.size === 0) worker.heardMs = nowMs;
    worker.held.add(task);
    worker.served += 1;
    fate.worker = id;
    fate.attempt += 1;
    fate.askedBack = false;
    this.#fates.move(fate, ahead ? 'sent' : 'running', nowMs);
    if (ahead) this.#promises.sent(fate, nowMs);
    else this.#promises.running(fate, nowMs);
    this.longLane.start(fate, lane);
    if (lane === 'long') {
      must(worker.lane === 'short' && !ahead, () => `task ${task} is sent to worker ${id} as a long one, which has its own`);
      this.#enterLongLane(fate, worker);
      // With a limit on memory the room shrinks when a measure comes in, whoever runs then.
      const { hotCount, reserved } = this.#workers;
      must(
        memoryBytes > 0 || hotCount >= reserved,
        () => `long task ${task} took a reserved worker: ${hotCount} of ${max} are left`,
      );
    } else this.#workers.refile(worker);
  }

  /** Nothing is promised for it: it lasts. */
  #connect(fate: Fate, worker: WorkerShadow, ahead: boolean, nowMs: number): void {
    if (worker.connections.size === 0) worker.heardMs = nowMs;
    fate.worker = worker.id;
    fate.attempt += 1;
    this.#fates.enter(fate, 'long');
    this.#fates.move(fate, 'running', nowMs);
    connect(fate, worker, ahead, this.#policy, this.#workers);
  }

  #enterLongLane(fate: Fate, worker: WorkerShadow): void {
    const { max, memoryBytes } = this.#policy;
    this.#fates.enter(fate, 'long');
    worker.lane = 'long';
    worker.overstaying.delete(fate.task);
    const before = worker.standing;
    this.#workers.refile(worker);
    // With a smaller `max` there may be too many from before.
    if (before === 'long' || worker.standing !== 'long') return;
    const [{ long }, { reserved }] = [this.#workers.counts, this.#workers];
    must(memoryBytes > 0 || long <= max - reserved, () => `${long} workers of ${max} run long tasks, ${reserved} are reserved`);
  }

  #reject({ task, reason }: CommandOf<'RejectTask'>, nowMs: number): void {
    const fate = this.#fates.get(task);
    must(fate.place === 'waiting', () => `task ${task} is turned away (${reason}), and is ${fate.place}`);
    must(this.#isReason(reason, fate, nowMs), () => `task ${task} is turned away without reason: ${reason}`);
    this.turns.leave(fate);
    this.#fates.move(fate, 'over', nowMs);
  }

  #isReason(reason: RejectReason, fate: Fate, nowMs: number): boolean {
    const { queueLimit, queuePatienceMs, queueTimeoutMs } = this.#policy;
    switch (reason) {
      case 'closing':
        return this.closing;
      case 'queueFull':
        return this.#fates.counts.waiting > queueLimit && !fate.cameBack;
      case 'overloaded':
        return queuePatienceMs !== undefined && this.#fates.counts.waiting > FEWEST_WAITING && !fate.cameBack;
      case 'queueTimeout':
        return nowMs - fate.sinceMs >= queueTimeoutMs - ROUNDING_MS;
      case 'noWorker': {
        const { starting, leaving, trial } = this.#workers.counts;
        return this.bootsPaused && starting === 0 && leaving + trial === this.#workers.aliveCount;
      }
      case 'longLaneFull':
        return !fate.cameBack && this.longLane.mayKeepOut(fate);
    }
  }

  /** Commands about a task on a worker that lives. */
  #act(
    command: Exclude<AtWorker, CommandOf<'ReturnTask' | 'RetryTask' | 'LoseTask'>>,
    fate: Fate,
    worker: WorkerShadow,
    event: SchedulerEvent,
    nowMs: number,
  ): void {
    const { task } = fate;
    switch (command.type) {
      case 'RevokeTask':
        must(!fate.askedBack, () => `task ${task} is asked back twice`);
        fate.askedBack = true;
        return;
      case 'MeasureTask':
        this.#mustBe(fate, ['running'], command.type);
        return askForWait(fate, this.#policy.quantumMs, nowMs);
      case 'DemoteTask':
        this.#mustBe(fate, ['running'], command.type);
        this.longLane.check(command.type, fate, worker, event, nowMs);
        return this.#enterLongLane(fate, worker);
      case 'TaskOverstays':
        this.#mustBe(fate, ['running'], command.type);
        this.longLane.check(command.type, fate, worker, event, nowMs);
        this.#fates.enter(fate, 'overstays');
        worker.overstaying.add(task);
        return;
      case 'RequeueTask':
        this.#mustBe(fate, ['running'], command.type);
        this.#allowAgain(fate, command.type);
        this.longLane.check(command.type, fate, worker, event, nowMs);
        this.longLane.ran(fate, nowMs - fate.startedMs);
        this.release(fate, worker);
        this.#fates.move(fate, 'waiting', nowMs);
        fate.mayBeLong = true;
        this.turns.comeBack(fate, 'long');
        return this.#withdraw(worker);
      case 'CancelTask':
        this.#mustBe(fate, ['running'], command.type);
        must(fate.cancelled, () => `task ${task} is cancelled, and its client waits`);
        // Others depend on the worker of a connection: it has no grace to be ended after.
        if (fate.facts.isConnection === true) return this.#fates.move(fate, 'givenUp', nowMs);
        return this.#giveUp(fate, nowMs);
      case 'ExpireTask':
        this.#mustBe(fate, ['running'], command.type);
        this.#mustBeLate(fate, nowMs);
        must(worker.held.size > 1, () => `task ${task} is alone, and its worker is spared`);
        fate.expired = true;
        return this.#giveUp(fate, nowMs);
      case 'KillTask':
        return this.#kill(command, fate, worker, nowMs);
    }
  }

  #giveUp(fate: Fate, nowMs: number): void {
    this.#fates.move(fate, 'givenUp', nowMs);
    this.#promises.givenUp(fate, nowMs);
  }

  #kill({ reason }: CommandOf<'KillTask'>, fate: Fate, worker: WorkerShadow, nowMs: number): void {
    const { task, place } = fate;
    must(fate.facts.isConnection !== true, () => `a worker is killed (${reason}) for connection ${task}`);
    this.#mustBe(fate, ['running', 'givenUp'], 'KillTask');
    if (place === 'running') this.#mustBeLate(fate, nowMs);
    else {
      const heldMs = nowMs - fate.sinceMs;
      const { cancelGraceMs, deafGraceMs = cancelGraceMs, concurrency } = this.#policy;
      const isDeaf = concurrency === 1 && worker.heardMs <= fate.sinceMs;
      const graceMs = isDeaf ? Math.min(deafGraceMs, cancelGraceMs) : cancelGraceMs;
      must(heldMs >= graceMs - ROUNDING_MS, () => `task ${task} is killed ${heldMs} ms after it was given up`);
    }
    if (reason === 'cancelled') {
      must(fate.cancelled, () => `task ${task} is killed as cancelled, and its client waits`);
      const isAlone = this.#policy.concurrency === 1 || worker.held.size === 1;
      must(isAlone, () => `task ${task} was cancelled, and takes ${worker.held.size - 1} others with it`);
    } else {
      if (!fate.expired && place === 'givenUp') this.#mustBeLate(fate, nowMs);
      fate.expired = true;
    }
    this.longLane.cutOff(fate, nowMs - fate.startedMs);
    this.#fates.move(fate, 'killed', nowMs);
    this.#withdraw(worker);
  }

  #afterLoss(
    command: CommandOf<'ReturnTask' | 'RetryTask' | 'LoseTask'>,
    fate: Fate,
    worker: WorkerShadow,
    event: SchedulerEvent,
    nowMs: number,
  ): void {
    const { type } = command;
    must(event.type === 'WorkerGone' && event.worker === worker.id, () => `${type}: task ${fate.task}, and its worker lives`);
    const { restartable, retries = 1 } = fate.facts;
    const mayStartAgain = restartable && !fate.committed && fate.retried < retries;
    switch (type) {
      case 'ReturnTask':
        this.#mustBe(fate, ['sent'], type);
        must(!fate.cancelled, () => `task ${fate.task} waits again, and its client is gone`);
        break;
      case 'RetryTask':
        this.#mustBe(fate, ['running'], type);
        must(fate.retried < retries, () => `task ${fate.task} is tried once more than it may be`);
        this.#allowAgain(fate, type);
        fate.retried += 1;
        break;
      case 'LoseTask':
        must(fate.place !== 'sent' || fate.cancelled, () => `task ${fate.task} is lost, and was never begun`);
        must(fate.place !== 'running' || !mayStartAgain, () => `task ${fate.task} is lost, and may be started again`);
    }
    this.release(fate, worker);
    this.#fates.move(fate, type === 'LoseTask' ? 'over' : 'waiting', nowMs);
    if (fate.place === 'waiting') this.turns.comeBack(fate, 'short');
  }

  #allowAgain(fate: Fate, type: string): void {
    must(fate.facts.restartable, () => `${type}: task ${fate.task} must not be started again`);
    must(!fate.committed, () => `${type}: a part of the answer of task ${fate.task} is out`);
    fate.mayBegin += 1;
  }

  #mustBe({ task, place }: Fate, places: readonly Place[], type: string): void {
    must(places.includes(place), () => `${type}: task ${task} is ${place}`);
  }

  #mustBeLate({ task, startedMs }: Fate, nowMs: number): void {
    const ranMs = nowMs - startedMs;
    must(ranMs >= this.#deadlineMs - ROUNDING_MS, () => `task ${task} ran for ${ranMs} ms, which is within its deadline`);
  }

  #withdraw(worker: WorkerShadow): void {
    worker.phase = 'withdrawn';
    this.#workers.refile(worker);
  }
}
