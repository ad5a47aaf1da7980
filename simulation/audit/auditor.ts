/**
 * Checks after every event what must always hold. It keeps books of its own, from what the scheduler is told and what it orders, and
 * believes nothing else; each event costs it a constant time. What it checks is in section 6 of the design:
 *
 * - each task is answered once, by its own worker or by one error; begun once, unless it may be started again (task-fates)
 * - a cancel, a kill, a requeue touches its own task, and only for a reason
 * - connections are held by workers of their own, up to a number, and never by the last one that others could have
 * - no worker gets a task before it booted or when it is on its way out, nor more tasks than it may hold
 * - a short task never waits beside a free worker, nor without hope; long ones leave the reserved workers alone
 * - once it is said that new code serves, no task meets the old one; who is replaced has a successor, or runs long
 * - no task is passed for long by later ones of its client, no client by others (turn-rules); what becomes of what runs long is in long-lane-rules
 * - the queue, the workers and their memory stay within their bounds
 * - whatever is due is decided in time (promises), and at the end nothing is left
 */
import type { Policy, SchedulerCommand, SchedulerEvent, SchedulerFigures } from '../../src/scheduler/types.ts';
import type { Sending } from '../machine/messages.ts';
import { CommandRules } from './command-rules.ts';
import { Promises } from './promises.ts';
import { type Fate, TaskFates } from './task-fates.ts';
import { must } from './violation.ts';
import { type WorkerShadow, WorkerShadows } from './worker-shadows.ts';

/** What the auditor can't know from events and commands. */
export interface Staffed {
  /** Boots have to wait, because earlier ones failed. */
  readonly bootsHeldBack: boolean;
}

/** What is due is decided within this time, ms: sums of fractions are off by less. */
const ROUNDING_MS = 1e-3;
/** Watchdogs answer within this time, and the load of the CPUs is measured more often. */
const ANSWER_MS = 500;
/** What is decided on a task whose worker is gone. */
const AFTER_LOSS: ReadonlySet<SchedulerCommand['type']> = new Set(['ReturnTask', 'RetryTask', 'LoseTask']);

type WordOfTask = Extract<SchedulerEvent, { type: 'TaskStarted' | 'TaskRevoked' | 'TaskEnded' }>;

export class Auditor {
  readonly #policy: { -readonly [Name in keyof Policy]: Policy[Name] };
  readonly #fates = new TaskFates();
  readonly #workers: WorkerShadows;
  readonly #promises: Promises;
  readonly #rules: CommandRules;
  #hopelessSinceMs: number | undefined;

  constructor(given: Policy, deadlineMs: number) {
    // A copy, since its bounds change.
    const policy = { ...given };
    this.#policy = policy;
    this.#workers = new WorkerShadows(policy);
    this.#promises = new Promises(policy, deadlineMs, this.#workers);
    this.#rules = new CommandRules(policy, deadlineMs, this.#fates, this.#workers, this.#promises);
  }

  /** Events were handled, one, or several of tasks at once; and this is what the scheduler ordered and says of itself. */
  handled(
    events: readonly SchedulerEvent[],
    commands: readonly SchedulerCommand[],
    figures: SchedulerFigures,
    nowMs: number,
  ): void {
    // Those that arrive find what the others have changed.
    for (const event of events) if (event.type !== 'TaskArrived') this.#take(event, nowMs);
    for (const event of events) if (event.type === 'TaskArrived') this.#take(event, nowMs);
    const event = events.at(-1);
    if (event !== undefined) this.#check(commands, event, nowMs);
    this.#checkFigures(figures, nowMs);
    this.#rules.longLane.settled(nowMs);
    this.#rules.turns.settled(figures.queuedLong);
    this.#promises.check(nowMs);
  }

  /** The boots that it asked for have begun, and this is when it wants to be woken. */
  settled(figures: SchedulerFigures, wakeMs: number | undefined, { bootsHeldBack }: Staffed, nowMs: number): void {
    must((wakeMs ?? nowMs) >= nowMs - ROUNDING_MS, () => `it was due at ${wakeMs}, and was not done at ${nowMs}`);
    must(figures.queued === 0 || wakeMs !== undefined, () => `${figures.queued} tasks wait, and nobody is woken for them`);
    this.#checkHope(figures, bootsHeldBack, nowMs);
  }

  /** The truth, of which the primary may never hear. */
  begun({ task, worker }: Sending): void {
    this.#fates.begin(task, worker);
  }

  answered(task: number, kind: string): void {
    this.#fates.answer(task, kind);
  }

  /** Everything is over: nothing may be left. */
  ended({ tasks, workers, queued, running, ahead, long, connections, overstaying }: SchedulerFigures): void {
    const left = { tasks, workers, queued, running, ahead, long, connections, overstaying };
    must(
      Object.values(left).every((count) => count === 0),
      () => `at the end there is left: ${JSON.stringify(left)}`,
    );
    must(this.#workers.aliveCount === 0, () => `at the end ${this.#workers.aliveCount} workers live`);
    this.#fates.checkAllAnswered();
  }

  #check(commands: readonly SchedulerCommand[], event: SchedulerEvent, nowMs: number): void {
    // What a worker leaves behind is decided on first, and from then on it takes no place any more.
    const decided = event.type === 'WorkerGone' ? 1 + commands.findLastIndex(({ type }) => AFTER_LOSS.has(type)) : 0;
    for (const command of commands.slice(0, decided)) this.#rules.check(command, event, nowMs);
    if (event.type === 'WorkerGone') this.#bury(event.worker);
    for (const command of commands.slice(decided)) this.#rules.check(command, event, nowMs);
  }

  #take(event: SchedulerEvent, nowMs: number): void {
    switch (event.type) {
      case 'TaskArrived':
        this.#fates.arrive(event.task, event.facts, nowMs);
        this.#rules.longLane.arrive(this.#fates.get(event.task));
        return this.#rules.turns.arrive(this.#fates.get(event.task));
      case 'TaskCommitted':
        this.#fates.get(event.task).committed = true;
        return;
      case 'TaskCancelled': {
        const fate = this.#fates.get(event.task);
        fate.cancelled = true;
        if (fate.place !== 'waiting') return;
        this.#rules.turns.leave(fate);
        return this.#fates.move(fate, 'over', nowMs);
      }
      case 'TaskStarted':
      case 'TaskRevoked':
      case 'TaskEnded':
        return this.#takeWord(event, nowMs);
      case 'TaskMeasured': {
        const fate = this.#fates.get(event.task);
        if (fate.isMeasured && fate.place === 'running') fate.waitedMs = Math.min(event.waitedMs, nowMs - fate.startedMs);
        fate.isMeasured = false;
        return;
      }
      case 'Closing':
        this.#rules.closing = true;
        return;
      case 'BootsPaused':
      case 'BootsResumed':
        this.#rules.bootsPaused = event.type === 'BootsPaused';
        return;
      case 'WorkerStarting':
        return this.#workers.add(event.worker, event.generation);
      case 'CodeChanged':
        this.#workers.generation = event.generation;
        this.#workers.arrived = 0;
        this.#rules.codeServes = false;
        return;
      case 'BoundsChanged':
        Object.assign(this.#policy, event.bounds);
        this.#workers.refileAll();
        return;
      case 'LoadMeasured':
        return this.#promises.loaded(event.cpus, nowMs);
      case 'ClockTicked':
        return;
      default: {
        const worker = this.#workers.find(event.worker);
        if (worker !== undefined) this.#takeOfWorker(worker, event, nowMs);
      }
    }
  }

  #takeWord(event: WordOfTask, nowMs: number): void {
    const fate = this.#fates.get(event.task);
    const worker = fate.worker === undefined ? undefined : this.#workers.find(fate.worker);
    if (fate.place === 'over' || fate.place === 'waiting' || worker === undefined) return;
    switch (event.type) {
      case 'TaskStarted':
        if (fate.place !== 'sent') return;
        this.#fates.move(fate, 'running', nowMs);
        this.#promises.running(fate, nowMs);
        this.#hear(worker, nowMs);
        return;
      case 'TaskRevoked':
        if (fate.place === 'killed') return;
        this.#rules.release(fate, worker);
        worker.blocked = true;
        if (worker.held.size === 0) worker.lane = 'short';
        if (fate.place === 'givenUp' || fate.cancelled) this.#fates.move(fate, 'over', nowMs);
        else {
          this.#fates.move(fate, 'waiting', nowMs);
          this.#rules.turns.comeBack(fate, 'short');
        }
        break;
      case 'TaskEnded':
        this.#learn(fate, event.runMs ?? nowMs - fate.startedMs);
        this.#rules.release(fate, worker);
        if (fate.facts.isConnection !== true) worker.lane = 'short';
        this.#fates.move(fate, 'over', nowMs);
        this.#hear(worker, nowMs);
    }
    this.#refile(worker, nowMs);
  }

  /** What was cancelled early says nothing of its key. */
  #learn(fate: Fate, ranMs: number): void {
    if (fate.place === 'running' || fate.place === 'sent') this.#rules.longLane.ran(fate, ranMs);
  }

  #refile(worker: WorkerShadow, nowMs: number): void {
    const before = worker.standing;
    this.#workers.refile(worker);
    if (worker.standing === 'stuck' && before !== 'stuck') this.#promises.stuck(worker, nowMs);
  }

  #takeOfWorker(worker: WorkerShadow, event: Extract<SchedulerEvent, { worker: number }>, nowMs: number): void {
    switch (event.type) {
      case 'WorkerReady':
        if (worker.phase !== 'starting' && worker.phase !== 'trial') break;
        worker.phase = 'ready';
        if (worker.generation === this.#workers.generation && this.#workers.isReplacing) this.#workers.arrived += 1;
        break;
      case 'WorkerMeasured':
        this.#workers.measure(worker, event.memoryBytes);
        return;
      case 'WorkerBlocked':
        worker.blocked = true;
        break;
      case 'WorkerAnswered':
        this.#hear(worker, nowMs);
        return;
      case 'WorkerSunk':
        worker.sunk = true;
        break;
      case 'DeadlinesHeld':
      case 'DeadlinesGoOn':
        // Nobody looks into the workers of these worlds.
        return;
      case 'WorkerOutdated':
        worker.isUnwanted = true;
        break;
      case 'WorkerWithdrawn':
      case 'WorkerGone':
        worker.phase = 'withdrawn';
        break;
      case 'WorkerStarting':
    }
    this.#refile(worker, nowMs);
  }

  #hear(worker: WorkerShadow, nowMs: number): void {
    worker.heardMs = nowMs;
    worker.blocked = false;
    worker.probeDueMs = undefined;
    if (this.#policy.concurrency > 1) {
      worker.lane = 'short';
      worker.overstaying.clear();
    }
    this.#workers.refile(worker);
  }

  #bury(id: number): void {
    const worker = this.#workers.find(id);
    if (worker === undefined) return;
    const left = [...worker.held, ...worker.connections];
    must(left.length === 0, () => `worker ${id} is gone, and nothing was decided on tasks ${left.join(', ')}`);
    this.#workers.remove(worker);
  }

  #checkFigures(figures: SchedulerFigures, nowMs: number): void {
    const { tasks, workers, queued, queuedLong, oldestQueuedMs, running, ahead } = figures;
    const { counts, lanes, connections, cameBackCount, openCount } = this.#fates;
    const { aliveCount } = this.#workers;
    const { queueLimit, queueTimeoutMs, max } = this.#policy;
    const settled = this.#workers.usableCount - this.#workers.counts.starting;
    must(settled <= max, () => `${settled} workers serve, and at most ${max} are to be there`);
    must(queued === counts.waiting, () => `it says that ${queued} wait, and ${counts.waiting} do`);
    must(tasks === openCount, () => `it has records of ${tasks} tasks, and ${openCount} are not over`);
    must(workers === aliveCount, () => `it has records of ${workers} workers, and ${aliveCount} live`);
    // A connection that was given up is held until its worker comes to it.
    const held = connections.running + connections.givenUp;
    must(figures.connections === held, () => `it says that ${figures.connections} connections are held, and ${held} are`);
    const runs = counts.running + connections.givenUp;
    must(running === runs, () => `it says that ${running} run, and ${runs} do`);
    if (this.#policy.concurrency === 1) {
      const { long, overstaying } = figures;
      must(long === lanes.long, () => `it says that ${long} run in the long lane, and ${lanes.long} do`);
      must(overstaying === lanes.overstays, () => `it says that ${overstaying} overstay, and ${lanes.overstays} do`);
    }
    must(ahead === counts.sent, () => `it says that ${ahead} were sent ahead, and ${counts.sent} were`);
    // One more: it may have been let in because of a place that was found to be none in the same breath.
    must(queued <= queueLimit + cameBackCount + 1, () => {
      return `${queued} wait, ${queueLimit} may, and ${cameBackCount} of them came back from a worker`;
    });
    const waitedMs = nowMs - (oldestQueuedMs ?? nowMs);
    must(
      waitedMs <= queueTimeoutMs + ROUNDING_MS,
      () => `a task waits for ${waitedMs} ms, at most ${queueTimeoutMs} are allowed`,
    );
    const { free } = this.#workers.counts;
    const short = queued - queuedLong - connections.waiting;
    must(short === 0 || free === 0, () => `${short} short tasks wait beside ${free} free workers`);
  }

  /** Invariant 7: a short task waits for a long one only when every worker that memory allows runs a long one. */
  #checkHope({ queued, queuedLong, oldestQueuedMs }: SchedulerFigures, bootsHeldBack: boolean, nowMs: number): void {
    const { counts, aliveCount, capacity } = this.#workers;
    const isHopeless =
      queued > this.#fates.connections.waiting &&
      queuedLong === 0 &&
      counts.free + counts.short + counts.starting === 0 &&
      aliveCount < capacity &&
      !bootsHeldBack &&
      !this.#rules.closing &&
      !this.#someWaitForCpu();
    if (!isHopeless) {
      this.#hopelessSinceMs = undefined;
      return;
    }
    this.#hopelessSinceMs ??= nowMs;
    const forMs = nowMs - Math.max(this.#hopelessSinceMs, oldestQueuedMs ?? nowMs);
    // A queue that may move on by itself is given a quantum before it is worth a boot; and a worker that does not get on, some patience.
    const { quantumMs, cancelGraceMs } = this.#policy;
    const mostMs = Math.max(quantumMs, this.#promises.patienceMs(nowMs)) + 2;
    if (forMs <= mostMs) return;
    must(this.#awaitsEnd() && forMs <= mostMs + cancelGraceMs + ANSWER_MS, () => {
      return `short tasks wait for ${forMs} ms for workers that all run long ones: ${JSON.stringify(counts)}, room for ${capacity}`;
    });
  }

  /** What a worker runs has not had its quantum yet, for want of a CPU: another worker would want one too. `Promises` knows how long that may last. */
  #someWaitForCpu(): boolean {
    const isLate = ({ place, lane, waitedMs }: Fate): boolean => place === 'running' && lane === 'short' && waitedMs > 0;
    return this.#workers.some(({ held }) => [...held].some((task) => isLate(this.#fates.get(task))));
  }

  /**
   * A worker is about to be free, or to count as long: what it holds was given up, and is ended when its grace is over, or was asked
   * back, and the answer is on its way.
   */
  #awaitsEnd(): boolean {
    const isEnding = ({ place, askedBack }: Fate): boolean => place === 'givenUp' || (place === 'sent' && askedBack);
    return this.#workers.some(({ standing, held }) => {
      return standing === 'blocked' && [...held].some((task) => isEnding(this.#fates.get(task)));
    });
  }
}
