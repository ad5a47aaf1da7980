/**
 * The main thread of a worker as the system sees it: for how long it had a CPU, for how long it waited for one, and what
 * priority it has. Linux tells and takes that of any thread (proc(5), setpriority(2)); elsewhere only the priority of a process can be set.
 */
import { readFileSync } from 'node:fs';
import { type Change, type Priority, setNice, setNiceOfGroup } from './priority.ts';
import type { Yielding } from './spawner.ts';

/** What the system has counted when a task begins is kept for those that begin soon after: to read it for each would cost more than many take. */
const KEPT_MS = 10;

/**
 * Where the group has the priority, that of the thread counts among those of its group alone. It is not 0, so that the system counts its time as that of a lowered one
 * (`LoadMeter`); and hardly lower: the weight of a group on a CPU is that of its threads there, of all of its threads, and a watchdog on another CPU weighs 1024.
 */
const NICE_IN_GROUP = 1;

/** The part of a `SpawnedWorker` that is used here. */
export interface ScheduledWorker {
  readonly kind: 'process' | 'thread';
  /** Of a thread what the system calls it, or 0 where it does not tell. */
  readonly pid: number;
  readonly isGroup: boolean;
  readonly yielding?: Yielding;
}

interface Reading {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly waitedMs: number;
}

export class MainThread {
  readonly #worker: ScheduledWorker;
  readonly #folder: string;
  #isYielding = false;
  #atStart: Reading | undefined;

  constructor(worker: ScheduledWorker) {
    const { kind, pid } = worker;
    this.#worker = worker;
    this.#folder = kind === 'process' ? `/proc/${pid}` : `/proc/self/task/${pid}`;
  }

  /** Whether its priority may be set by itself. That of a thread could be on Linux, but it holds locks that the primary waits for, when it ends at the latest. */
  get hasPriority(): boolean {
    return this.#worker.kind === 'process';
  }

  /** What it was not refused is done: only root may raise one again. */
  setPriority({ nice, isIdle }: Priority): Change {
    const { pid, isGroup, yielding } = this.#worker;
    const ofGroup = isGroup ? setNiceOfGroup(pid, nice) : 'done';
    if (ofGroup === 'later') return ofGroup;
    const ofThread = setNice(pid, isGroup ? Math.min(nice, NICE_IN_GROUP) : nice);
    const isYielding = yielding?.keepsShare === true ? nice > 0 : isIdle;
    if (isYielding !== this.#isYielding) yielding?.set(isYielding);
    this.#isYielding = isYielding;
    return ofThread === 'done' ? ofGroup : ofThread;
  }

  /** CPU time in ms, or undefined where the system does not tell. */
  get cpuMs(): number | undefined {
    return this.#read(0)?.cpuMs;
  }

  /** It begins a task. */
  begin(nowMs: number): void {
    if (this.#atStart !== undefined && nowMs - this.#atStart.atMs < KEPT_MS) return;
    this.#atStart = this.#read(nowMs);
  }

  /**
   * How long the task that it runs has waited for a CPU, ms, or somewhat less; 0 where the system does not tell. The system adds up a wait when it is over:
   * so of a thread that wants a CPU now, all time is a wait in which it had none, and of one that sleeps, what was added up.
   *
   * @param startedMs when the task began
   */
  waitedMs(startedMs: number, nowMs: number): number {
    const before = this.#atStart;
    const now = this.#read(nowMs);
    if (before === undefined || now === undefined) return 0;
    const [cpuMs, waitedMs] = [now.cpuMs - before.cpuMs, now.waitedMs - before.waitedMs];
    // What was before the start counts against it.
    const lowest = this.#wantsCpu() ? nowMs - startedMs - cpuMs : waitedMs - Math.max(0, startedMs - before.atMs);
    return Math.max(0, lowest);
  }

  /** proc_pid_schedstat: ns on a CPU, and ns on a run queue. */
  #read(atMs: number): Reading | undefined {
    const [cpuNs = 0, waitedNs = Number.NaN] = read(`${this.#folder}/schedstat`)?.split(' ').map(Number) ?? [];
    return Number.isNaN(waitedNs) ? undefined : { atMs, cpuMs: cpuNs / 1e6, waitedMs: waitedNs / 1e6 };
  }

  /** proc_pid_stat: the state follows the name, which may hold blanks and brackets. */
  #wantsCpu(): boolean {
    const stat = read(`${this.#folder}/stat`) ?? '';
    return stat.startsWith('R', stat.lastIndexOf(')') + 2);
  }
}

/** A thread may be gone, and a system may have no such file. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
