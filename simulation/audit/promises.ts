/** What the scheduler has to have decided after a certain time. */
import type { Policy } from '../../src/scheduler/types.ts';
import { DueList } from './due-list.ts';
import type { Fate } from './task-fates.ts';
import { must } from './violation.ts';
import type { WorkerShadow, WorkerShadows } from './worker-shadows.ts';

interface Promised {
  readonly fate: Fate;
  readonly attempt: number;
}

interface SentAhead extends Promised {
  readonly sentMs: number;
}

/** Sums of fractions: what is due at 0.1 + 0.2 may be asked for at 0.3. */
const ROUNDING_MS = 1e-6;
/** Those of the scheduler with and without a CPU to spare, twice: the term of a task is renewed once when its worker gave a sign in between. */
const PATIENCE_MS = 20;
const CROWDED_PATIENCE_MS = 80;
/** That of the scheduler: the share of the CPUs that are busy when there is none to spare, for this look and the next one. */
const SATURATED = 0.9;
/** That of the scheduler: quanta that a task has on the clock at most, before it is long. */
const MOST_QUANTA = 10;

export class Promises {
  readonly #policy: Policy;
  readonly #workers: WorkerShadows;
  readonly #deadlineMs: number;
  readonly #quanta = new DueList<Promised>();
  /** Those that are past their quantum on the clock alone. */
  readonly #late = new Set<Promised>();
  readonly #deadlines = new DueList<Promised>();
  readonly #graces = new DueList<Promised>();
  readonly #ahead = new DueList<SentAhead>();
  readonly #stuck = new DueList<{ readonly worker: WorkerShadow; readonly sinceMs: number }>();
  /** When each was stuck last: it may have answered, and been given a task, in the very moment of an earlier time. */
  readonly #stuckSinceMs = new WeakMap<WorkerShadow, number>();

  /** When all CPUs were busy last. */
  #crowdedMs = Number.NEGATIVE_INFINITY;
  #isFull = false;
  #wasFull = false;

  constructor(policy: Policy, deadlineMs: number, workers: WorkerShadows) {
    this.#policy = policy;
    this.#deadlineMs = deadlineMs;
    this.#workers = workers;
  }

  loaded(cpus: number, nowMs: number): void {
    if (this.isCrowded) this.#crowdedMs = nowMs;
    this.#wasFull = this.#isFull;
    this.#isFull = cpus >= SATURATED * this.#policy.cpus;
  }

  /** All CPUs are busy, or were at the look before. */
  get isCrowded(): boolean {
    return this.#isFull || this.#wasFull;
  }

  /** For how long what was sent ahead may be left behind others on a worker that gives no sign. */
  patienceMs(nowMs: number): number {
    return this.isCrowded || nowMs - this.#crowdedMs < CROWDED_PATIENCE_MS ? CROWDED_PATIENCE_MS : PATIENCE_MS;
  }

  sent(fate: Fate, nowMs: number): void {
    this.#ahead.add({ fate, attempt: fate.attempt, sentMs: nowMs }, nowMs + PATIENCE_MS + ROUNDING_MS);
  }

  running(fate: Fate, nowMs: number): void {
    const promised = { fate, attempt: fate.attempt };
    this.#quanta.add(promised, nowMs + this.#policy.quantumMs + ROUNDING_MS);
    this.#deadlines.add(promised, nowMs + this.#deadlineMs + ROUNDING_MS);
  }

  givenUp(fate: Fate, nowMs: number): void {
    // To the moment: who its neighbours were then is not known later.
    this.#graces.add({ fate, attempt: fate.attempt }, nowMs + this.#policy.cancelGraceMs);
  }

  /** It holds nothing, and its event loop does not turn. */
  stuck(worker: WorkerShadow, nowMs: number): void {
    this.#stuckSinceMs.set(worker, nowMs);
    this.#stuck.add({ worker, sinceMs: nowMs }, nowMs + this.#deadlineMs + ROUNDING_MS);
  }

  check(nowMs: number): void {
    for (const { worker, sinceMs } of this.#stuck.take(nowMs)) {
      const isMeant = this.#workers.find(worker.id) === worker && this.#stuckSinceMs.get(worker) === sinceMs;
      const isStuck = isMeant && worker.standing === 'stuck' && worker.heardMs <= sinceMs;
      must(!isStuck, () => `worker ${worker.id} is stuck for longer than a task may run, and nothing was decided`);
    }
    for (const promised of this.#quanta.take(nowMs)) this.#late.add(promised);
    for (const promised of this.#late) if (!this.#isWithinQuantum(promised, nowMs)) this.#late.delete(promised);
    for (const promised of this.#deadlines.take(nowMs)) this.#checkEnd(promised, nowMs);
    for (const promised of this.#graces.take(nowMs)) this.#checkEnd(promised, nowMs);
    for (const promised of this.#ahead.take(nowMs)) this.#checkAhead(promised, nowMs);
  }

  /** What it waited for a CPU, as far as the scheduler was told, does not count; but for that there is a limit. */
  #isWithinQuantum({ fate, attempt }: Promised, nowMs: number): boolean {
    if (fate.attempt !== attempt || fate.place !== 'running' || fate.lane !== 'short' || this.#policy.concurrency > 1)
      return false;
    const { task, startedMs, waitedMs, isMeasured } = fate;
    // The answer is what comes next.
    if (isMeasured) return true;
    const { quantumMs } = this.#policy;
    const untilMs = startedMs + Math.min(quantumMs + waitedMs, MOST_QUANTA * quantumMs) + ROUNDING_MS;
    must(untilMs > nowMs, () => `task ${task} outlived its quantum, and nothing was decided`);
    return true;
  }

  /** Its deadline or its grace is over: it does not go on, but for what nobody waits for beside others, until its deadline. */
  #checkEnd({ fate, attempt }: Promised, nowMs: number): void {
    const { task, place, sinceMs, startedMs, worker } = fate;
    if (fate.attempt !== attempt || (place !== 'running' && place !== 'givenUp')) return;
    const isLate = startedMs + this.#deadlineMs + ROUNDING_MS < nowMs;
    must(place !== 'running' || !isLate, () => `task ${task} outlived its deadline, and nothing was decided`);
    if (place === 'running' || sinceMs + this.#policy.cancelGraceMs > nowMs) return;
    const hasNeighbours = this.#policy.concurrency > 1 && (this.#workers.find(worker ?? 0)?.held.size ?? 0) > 1;
    must(hasNeighbours && !isLate, () => `task ${task} was given up, did not end, and nothing was decided`);
  }

  /** One that was sent ahead waits for a worker that gets on, or is asked back. */
  #checkAhead({ fate, attempt, sentMs }: SentAhead, nowMs: number): void {
    if (fate.attempt !== attempt || fate.place !== 'sent' || fate.askedBack) return;
    const heardMs = this.#workers.find(fate.worker ?? 0)?.heardMs ?? 0;
    const silentMs = nowMs - Math.max(heardMs, sentMs);
    must(silentMs <= this.patienceMs(nowMs) + ROUNDING_MS, () => {
      return `task ${fate.task} was left for ${silentMs} ms behind others on worker ${fate.worker}, which gave no sign`;
    });
    // Its turn comes again: in order, since everything in this list is looked at after the same time.
    this.#ahead.add({ fate, attempt, sentMs }, nowMs + PATIENCE_MS + ROUNDING_MS);
  }
}

/** Whether the scheduler may ask how long a task has waited for a CPU; the answer comes at once. */
export function askForWait(fate: Fate, quantumMs: number, nowMs: number): void {
  const { task, lane, isMeasured, startedMs } = fate;
  must(lane === 'short' && !isMeasured, () => `task ${task} is measured in lane ${lane}, or twice at once`);
  must(startedMs + quantumMs <= nowMs + ROUNDING_MS, () => `task ${task} is measured within its quantum`);
  fate.isMeasured = true;
}
