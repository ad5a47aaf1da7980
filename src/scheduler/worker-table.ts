/** The workers as the scheduler knows them: who boots, who is free, who can take more, who runs what in which lane, what all need. */
import { spread } from './spread.ts';
import type { TaskRecord } from './task-table.ts';
import type { Lane, Policy } from './types.ts';

export interface WorkerRecord {
  readonly id: number;
  /** Of its code. */
  readonly generation: number;
  /** Tasks after which it is replaced. */
  readonly limit: number;
  /** One on trial boots too, and is not counted on. */
  phase: 'trial' | 'starting' | 'ready' | 'withdrawn';
  /** What it was sent and is not over, in that order. */
  readonly held: number[];
  /** Connections that it holds, which are no part of that. */
  readonly connections: Set<number>;
  lane: Lane;
  /** Its event loop does not turn: what it is sent now would wait for who knows how long. */
  blocked: boolean;
  /** It was asked for what it was sent ahead, since it gave no sign, and has given none yet. */
  silent: boolean;
  /** Its priority can not be raised again: it is replaced after its task. */
  sunk: boolean;
  served: number;
  deadlineMs: number;
  /** Since when the deadlines of what it runs are held. */
  heldSinceMs: number | undefined;
  idleSinceMs: number;
  /** When its main thread last gave a sign, or was given something to do after it had nothing. */
  heardMs: number;
  /** It was asked whether its event loop turns, and is taken for blocked at this time. */
  probeDueMs: number | undefined;
  /** Expected run time of all that it holds, ms, and how many of that are not known to be brief. */
  workMs: number;
  notBrief: number;
  /** How many of what it holds are large. */
  large: number;
  /** 0 until it was measured. */
  memoryBytes: number;
  /** Whether it counts as one of the long lane: it has a long task or connections, or is blocked by what a task left behind. */
  countsLong: boolean;
  /** Since when it holds nothing and its event loop does not turn: what a task left behind keeps it. */
  stuckSinceMs: number | undefined;
  isFree: boolean;
}

/** What is reckoned for a worker before one was measured: Node with its watchdog and a small handler. */
const FIRST_GUESS_BYTES = 64 * 2 ** 20;
/** Most tasks that one worker holds beyond those it may run. */
const MOST_AHEAD = 64;
/** The same for large ones: what is sent waits in memory. */
const MOST_LARGE_AHEAD = 3;
/** With less than this to do, ms, a worker is joined by a steady task though another one is free: to wake that one takes about as long, and more CPU. */
const JOIN_MS = 0.25;
/** Most connections that one worker holds. */
export const MOST_CONNECTIONS = 512;

export class WorkerTable {
  readonly #policy: Policy;
  readonly #workers = new Map<number, WorkerRecord>();
  /** Free workers, longest idle first. Short tasks have the last one: it is the warmest, and the others get to retire. */
  readonly #idle: WorkerRecord[] = [];
  /** Those that are not free and can take one more task, the one whose turn it is first: a Set keeps the order of insertion. */
  readonly #open = new Set<WorkerRecord>();
  /** The one that was given a task last. */
  #latest: WorkerRecord | undefined;
  /** Those that hold connections and can take one more, first come first. */
  readonly #connectable = new Set<WorkerRecord>();
  readonly #probed = new Set<WorkerRecord>();
  /** Those that are stuck, the one that is for longest first. */
  readonly #stuck = new Set<WorkerRecord>();
  #trial = 0;
  #starting = 0;
  #withdrawn = 0;
  #long = 0;
  #measured = 0;
  #memoryBytes = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  get aliveCount(): number {
    return this.#workers.size;
  }

  get startingCount(): number {
    return this.#starting;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** Ready and in the long lane. */
  get longCount(): number {
    return this.#long;
  }

  /** Ready and not in the long lane: those that serve short tasks, or could. */
  get hotCount(): number {
    return this.usableCount - this.#starting - this.#long;
  }

  /** Alive, and neither on trial nor on the way out. */
  get usableCount(): number {
    return this.#workers.size - this.#withdrawn - this.#trial;
  }

  /** Looks at all of them: not for every event. */
  get all(): Iterable<WorkerRecord> {
    return this.#workers.values();
  }

  /** Of those that are free for anything else, too. */
  get oldestIdle(): WorkerRecord | undefined {
    return this.#idle.find(({ connections }) => connections.size === 0);
  }

  /** Those that were asked whether their event loop turns; they may answer meanwhile. */
  get probed(): Iterable<WorkerRecord> {
    return this.#probed;
  }

  get(id: number): WorkerRecord | undefined {
    return this.#workers.get(id);
  }

  /** How many workers the memory has room for, those that live included; at least 1. */
  capacity(memoryBytes: number): number {
    const each = this.#measured === 0 ? FIRST_GUESS_BYTES : this.#memoryBytes / this.#measured;
    const unmeasured = this.#workers.size - this.#measured;
    const free = memoryBytes - this.#memoryBytes - unmeasured * each;
    return Math.max(1, this.#workers.size + Math.floor(free / each));
  }

  add(id: number, generation: number, phase: 'trial' | 'starting'): void {
    const { reuse, maxRequests } = this.#policy;
    if (phase === 'trial') this.#trial += 1;
    else this.#starting += 1;
    this.#workers.set(id, {
      id,
      generation,
      limit: reuse ? (maxRequests === 0 ? Number.POSITIVE_INFINITY : spread(maxRequests, id)) : 1,
      phase,
      held: [],
      connections: new Set(),
      lane: 'short',
      blocked: false,
      silent: false,
      sunk: false,
      served: 0,
      deadlineMs: 0,
      heldSinceMs: undefined,
      idleSinceMs: 0,
      heardMs: 0,
      probeDueMs: undefined,
      workMs: 0,
      notBrief: 0,
      large: 0,
      memoryBytes: 0,
      countsLong: false,
      stuckSinceMs: undefined,
      isFree: false,
    });
  }

  setReady(id: number, deadlineMs: number, nowMs: number): void {
    const worker = this.#workers.get(id);
    if (worker?.phase !== 'starting' && worker?.phase !== 'trial') return;
    this.#uncount(worker);
    worker.phase = 'ready';
    worker.deadlineMs = deadlineMs;
    this.refile(worker, nowMs);
  }

  hold(worker: WorkerRecord, { task, expected, facts }: TaskRecord, nowMs: number): void {
    if (worker.held.length === 0) worker.heardMs = nowMs;
    worker.held.push(task);
    worker.served += 1;
    worker.workMs += expected.runMs;
    if (!expected.brief) worker.notBrief += 1;
    if (facts.isLarge === true) worker.large += 1;
    this.#latest = worker;
    // To the end of the row, if it can take even more.
    if (this.#open.size > 1 && this.nextOpen === worker) this.#open.delete(worker);
    this.refile(worker, nowMs);
  }

  /** It holds one more connection. */
  connect(worker: WorkerRecord, task: number, nowMs: number): void {
    if (worker.held.length + worker.connections.size === 0) worker.heardMs = nowMs;
    worker.connections.add(task);
    worker.served += 1;
    this.refile(worker, nowMs);
  }

  /** It is over, or was taken back. The caller files the worker anew. @returns false when the worker does not hold it */
  release(worker: WorkerRecord, { task, expected, facts }: TaskRecord): boolean {
    // They mostly end in the order of their turns.
    const place = worker.held.indexOf(task);
    if (place < 0) return false;
    if (place === 0) worker.held.shift();
    else worker.held.splice(place, 1);
    worker.workMs -= expected.runMs;
    if (!expected.brief) worker.notBrief -= 1;
    if (facts.isLarge === true) worker.large -= 1;
    // Sums of fractions drift.
    if (worker.held.length === 0) worker.workMs = 0;
    return true;
  }

  /** Puts the worker where its state says that it belongs. To be called after each change of it. */
  refile(worker: WorkerRecord, nowMs: number): void {
    const isReady = worker.phase === 'ready';
    const isStuck = isReady && worker.blocked && worker.held.length === 0;
    const isApart = worker.connections.size > 0 && !this.isAlone;
    const countsLong = isStuck || (isReady && (worker.lane === 'long' || isApart));
    if (countsLong !== worker.countsLong) this.#long += countsLong ? 1 : -1;
    worker.countsLong = countsLong;
    if (isStuck && worker.stuckSinceMs === undefined) {
      worker.stuckSinceMs = nowMs;
      this.#stuck.add(worker);
    } else if (!isStuck && worker.stuckSinceMs !== undefined) {
      worker.stuckSinceMs = undefined;
      this.#stuck.delete(worker);
    }
    const isUsable = isReady && !worker.blocked && !worker.sunk && worker.served < worker.limit;
    const isFree = isUsable && worker.held.length === 0 && !isApart;
    if (isFree && !worker.isFree) {
      worker.idleSinceMs = nowMs;
      this.#idle.push(worker);
    } else if (!isFree && worker.isFree) this.#idle.splice(this.#idle.lastIndexOf(worker), 1);
    worker.isFree = isFree;
    if (isUsable && !isFree && !isApart && worker.lane === 'short' && !worker.silent && this.#hasRoom(worker))
      this.#open.add(worker);
    else this.#open.delete(worker);
    const { size } = worker.connections;
    if (isUsable && worker.held.length === 0 && size > 0 && size < MOST_CONNECTIONS) this.#connectable.add(worker);
    else this.#connectable.delete(worker);
  }

  /** There is never a second worker: what is short has to run beside connections. */
  get isAlone(): boolean {
    return this.#policy.reuse && this.#policy.max === 1;
  }

  #hasRoom({ held, notBrief, large, workMs }: WorkerRecord): boolean {
    const { concurrency, aheadMs } = this.#policy;
    if (concurrency > 1) return held.length < concurrency;
    return notBrief === 0 && workMs < aheadMs && large <= MOST_LARGE_AHEAD && held.length <= MOST_AHEAD;
  }

  /** The one that is stuck for longest, and when that is too long. What is left behind has as long as the task itself. */
  get nextOverdue(): { readonly worker: WorkerRecord; readonly atMs: number } | undefined {
    for (const worker of this.#stuck)
      if (worker.heldSinceMs === undefined) return { worker, atMs: (worker.stuckSinceMs ?? 0) + worker.deadlineMs };
    return undefined;
  }

  /** The free worker that the next short task is to have. */
  get nextIdle(): WorkerRecord | undefined {
    return this.#idle.at(-1);
  }

  /** The free worker that is so for longest. */
  get coldestIdle(): WorkerRecord | undefined {
    return this.#idle[0];
  }

  /** One that is not free, and can take a task all the same; they take turns. */
  get nextOpen(): WorkerRecord | undefined {
    for (const worker of this.#open) return worker;
    return undefined;
  }

  /** The one that was given a task last, while it can take more and has little to do. */
  get nextToJoin(): WorkerRecord | undefined {
    const latest = this.#latest;
    return latest !== undefined && latest.workMs < JOIN_MS && this.#open.has(latest) ? latest : undefined;
  }

  /** One that holds connections, and can take one more. */
  get nextConnectable(): WorkerRecord | undefined {
    for (const worker of this.#connectable) return worker;
    return undefined;
  }

  /** It is to say whether its event loop turns. */
  probe(worker: WorkerRecord, dueMs: number): void {
    worker.probeDueMs = dueMs;
    this.#probed.add(worker);
  }

  forgetProbe(worker: WorkerRecord): void {
    worker.probeDueMs = undefined;
    this.#probed.delete(worker);
  }

  measure(id: number, memoryBytes: number): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#forgetMeasures(worker);
    worker.memoryBytes = memoryBytes;
    if (memoryBytes > 0) this.#measured += 1;
    this.#memoryBytes += memoryBytes;
  }

  #forgetMeasures(worker: WorkerRecord): void {
    if (worker.memoryBytes > 0) this.#measured -= 1;
    this.#memoryBytes -= worker.memoryBytes;
  }

  withdraw(id: number): void {
    const worker = this.#workers.get(id);
    if (worker === undefined || worker.phase === 'withdrawn') return;
    this.#uncount(worker);
    worker.phase = 'withdrawn';
    this.#withdrawn += 1;
    this.forgetProbe(worker);
    // It is not free any more, so that no time has to be noted.
    this.refile(worker, 0);
  }

  #uncount({ phase }: WorkerRecord): void {
    if (phase === 'starting') this.#starting -= 1;
    else if (phase === 'trial') this.#trial -= 1;
  }

  remove(id: number): WorkerRecord | undefined {
    const worker = this.#workers.get(id);
    if (worker === undefined) return undefined;
    this.withdraw(id);
    // One that was on its way out before may have been asked since.
    this.forgetProbe(worker);
    this.#withdrawn -= 1;
    this.#forgetMeasures(worker);
    this.#workers.delete(id);
    return worker;
  }
}
