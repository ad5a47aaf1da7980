/**
 * Lowers the priority of workers whose tasks run long, so that short ones have the CPU first. Only tasks that compute are
 * meant: one that waits disturbs nobody, and on a crowded machine even a short one outlives the quantum because it waits for
 * a CPU. So what counts is the CPU time of the worker's main thread after its task was told to be long.
 *
 * Together the demoted workers keep a floor, a share of the CPUs, however many short tasks there are.
 */
import type { MainThread } from './main-thread.ts';
import { NORMAL, type Priority, priorityOfLong } from './priority.ts';

/** CPU time in the long lane after which a worker is demoted. */
const DEMOTE_AFTER_MS = 25;
const LOOK_AFTER_MS = 50;
/** When nothing changes, looks come further and further apart up to this, ms: each takes from the very tasks that it is about. */
const SELDOM_MS = 400;
/** With this share of the CPUs busy with work of normal priority the long lane would get nothing but its floor. */
const SATURATED = 0.9;

/** The part of a `MainThread` that is used here. */
type Thread = Pick<MainThread, 'cpuMs' | 'setPriority'>;

interface LongWorker {
  readonly thread: Thread;
  /** CPU time of its thread when its task was told to be long, and at the last look. */
  readonly cpuMs: number | undefined;
  seenMs: number | undefined;
  /** Undefined as long as it was not lowered. */
  priority: Priority | undefined;
}

export class Demotion {
  readonly #floor: number;
  readonly #cpus: number;
  readonly #onRefused: () => void;
  readonly #workers = new Map<number, LongWorker>();
  #isSaturated = false;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = LOOK_AFTER_MS;

  /**
   * @param floor share of the CPUs that demoted workers keep
   * @param onRefused called when the system did not lower a priority
   */
  constructor(floor: number, cpus: number, onRefused: () => void) {
    this.#floor = floor;
    this.#cpus = cpus;
    this.#onRefused = onRefused;
  }

  isDemoted(worker: number): boolean {
    return this.#workers.get(worker)?.priority !== undefined;
  }

  /** A task of the worker is in the long lane from now on. */
  add(worker: number, thread: Thread): void {
    if (this.#workers.has(worker)) return;
    const { cpuMs } = thread;
    this.#workers.set(worker, { thread, cpuMs, seenMs: cpuMs, priority: undefined });
    this.#lookSoon();
  }

  /** The task is over. @returns false when the worker's priority was lowered, and can not be raised again */
  release(worker: number): boolean {
    const record = this.#workers.get(worker);
    if (record === undefined) return true;
    this.forget(worker);
    return niceOf(record) === 0 || record.thread.setPriority(NORMAL) === 'done';
  }

  forget(worker: number): void {
    if (this.#workers.delete(worker)) this.#lookSoon();
  }

  /** So many CPUs are busy with work of normal priority. */
  setLoad(busyCpus: number): void {
    const isSaturated = busyCpus >= SATURATED * this.#cpus;
    if (isSaturated === this.#isSaturated) return;
    this.#isSaturated = isSaturated;
    this.#lookSoon();
  }

  /** Something has changed, and more may. */
  #lookSoon(): void {
    const isDueSoon = this.#timer !== undefined && this.#delayMs === LOOK_AFTER_MS;
    if (isDueSoon && this.#workers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#delayMs = LOOK_AFTER_MS;
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#workers.size === 0) return;
    const look = (): void => {
      this.#timer = undefined;
      this.#delayMs = this.#look() ? LOOK_AFTER_MS : Math.min(SELDOM_MS, 2 * this.#delayMs);
      this.#lookLater();
    };
    // The tasks keep the program alive, and this does not.
    this.#timer = setTimeout(look, this.#delayMs).unref();
  }

  /** @returns whether something is still to be done, or was */
  #look(): boolean {
    let isNews = false;
    for (const record of this.#workers.values()) {
      if (record.priority !== undefined) continue;
      const { cpuMs } = record.thread;
      // Where the system does not tell, a task in the long lane is taken for one that computes.
      if (cpuMs === undefined || record.cpuMs === undefined || cpuMs - record.cpuMs >= DEMOTE_AFTER_MS) record.priority = NORMAL;
      // One that waits for a CPU has begun, and will have used enough soon.
      else if (cpuMs !== record.seenMs) isNews = true;
      record.seenMs = cpuMs;
    }
    const demoted = [...this.#workers.values()].filter(({ priority }) => priority !== undefined);
    const priority = priorityOfLong(demoted.length, this.#floor, this.#cpus, this.#isSaturated);
    // The system may allow only some at a time: those first that are in the way the most.
    for (const record of demoted.toSorted((a, b) => niceOf(a) - niceOf(b))) {
      const { nice, isIdle } = record.priority ?? NORMAL;
      // The system may refuse to raise one again: the share of the floor is then smaller than it could be, until its task is over.
      if (nice === priority.nice && isIdle === priority.isIdle) continue;
      isNews = true;
      const change = record.thread.setPriority(priority);
      if (change === 'later') return true;
      if (change === 'refused' && priority.nice > nice) this.#onRefused();
      record.priority = priority;
    }
    return isNews;
  }
}

function niceOf({ priority }: LongWorker): number {
  return priority?.nice ?? 0;
}
