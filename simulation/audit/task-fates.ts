import type { TaskFacts } from '../../src/scheduler/types.ts';
import { must } from './violation.ts';

/**
 * Where a task is, by what the scheduler was told and what it ordered: `givenUp` still holds its worker and has a while to end, the worker
 * of one that was `killed` is ending.
 */
export type Place = 'waiting' | 'sent' | 'running' | 'givenUp' | 'killed' | 'over';

/** In which lane it runs: past its quantum on a reserved worker it overstays. */
export type Lane = 'short' | 'long' | 'overstays';

export interface Fate {
  readonly task: number;
  readonly facts: TaskFacts;
  readonly arrivedMs: number;
  place: Place;
  /** Of one that waits: for which lane, where that is known. */
  waitsIn: 'short' | 'long' | undefined;
  /** The worker that holds it. */
  worker: number | undefined;
  /** Counts the times it was sent to a worker. */
  attempt: number;
  /** When it came to its place, and when it last came to run. */
  sinceMs: number;
  startedMs: number;
  /** A part of its answer is out, as far as the primary knows. */
  committed: boolean;
  cancelled: boolean;
  /** It was given up, or its worker killed, because it was too late. */
  expired: boolean;
  askedBack: boolean;
  lane: Lane;
  /** Whether it may be sent to the long lane from the start: its key was long when it came, or it has been long itself. */
  mayBeLong: boolean;
  /** It has to be, but for some that are tried. */
  mustBeLong: boolean;
  /** The scheduler has asked how long it waited for a CPU; and what it was told. */
  isMeasured: boolean;
  waitedMs: number;
  /** How often it was started again, after it had lost its worker. */
  retried: number;
  /** It waits again, after a worker had it: nobody turns it away for a full queue. */
  cameBack: boolean;
  /** How often a handler began to run it, in truth, and how often it may. */
  begun: number;
  mayBegin: number;
  answers: number;
}

/** What became of every task. Counts are kept as it goes, so that comparing them costs nothing. */
export class TaskFates {
  readonly counts: Record<Place, number> = { waiting: 0, sent: 0, running: 0, givenUp: 0, killed: 0, over: 0 };
  /** Of those: connections, which nothing is due for once they run. */
  readonly connections: Record<Place, number> = { waiting: 0, sent: 0, running: 0, givenUp: 0, killed: 0, over: 0 };
  /** Of those that run, without connections: how many are in which lane. */
  readonly lanes: Record<Lane, number> = { short: 0, long: 0, overstays: 0 };
  /** Of those that wait: those that were at a worker before. */
  cameBackCount = 0;
  readonly #fates = new Map<number, Fate>();

  get openCount(): number {
    const { waiting, sent, running, givenUp, killed } = this.counts;
    return waiting + sent + running + givenUp + killed;
  }

  arrive(task: number, facts: TaskFacts, nowMs: number): void {
    must(!this.#fates.has(task), () => `task ${task} arrived twice`);
    this.counts.waiting += 1;
    if (facts.isConnection === true) this.connections.waiting += 1;
    this.#fates.set(task, {
      task,
      facts,
      arrivedMs: nowMs,
      place: 'waiting',
      waitsIn: undefined,
      worker: undefined,
      attempt: 0,
      sinceMs: nowMs,
      startedMs: nowMs,
      committed: false,
      cancelled: false,
      expired: false,
      askedBack: false,
      lane: 'short',
      mayBeLong: false,
      mustBeLong: false,
      isMeasured: false,
      waitedMs: 0,
      retried: 0,
      cameBack: false,
      begun: 0,
      mayBegin: 1,
      answers: 0,
    });
  }

  get(task: number): Fate {
    const fate = this.#fates.get(task);
    must(fate !== undefined, () => `task ${task} is not known`);
    return fate as Fate;
  }

  move(fate: Fate, place: Place, nowMs: number): void {
    must(fate.place !== 'over', () => `task ${fate.task} is over, and becomes ${place}`);
    if (fate.place === 'waiting' && fate.cameBack) this.cameBackCount -= 1;
    this.counts[fate.place] -= 1;
    this.counts[place] += 1;
    if (isInLane(fate)) this.lanes[fate.lane] -= 1;
    if (fate.facts.isConnection === true) {
      this.connections[fate.place] -= 1;
      this.connections[place] += 1;
    }
    fate.place = place;
    fate.sinceMs = nowMs;
    if (isInLane(fate)) this.lanes[fate.lane] += 1;
    if (place === 'running') Object.assign(fate, { startedMs: nowMs, waitedMs: 0, isMeasured: false });
    if (place !== 'waiting') return;
    fate.cameBack = true;
    fate.lane = 'short';
    fate.mayBeLong = false;
    fate.mustBeLong = false;
    fate.askedBack = false;
    this.cameBackCount += 1;
  }

  /** It runs, in this lane from now on. */
  enter(fate: Fate, lane: Lane): void {
    if (isInLane(fate)) this.lanes[fate.lane] -= 1;
    fate.lane = lane;
    if (isInLane(fate)) this.lanes[lane] += 1;
  }

  /** The handler begins: the worst that can happen is that it does so twice. */
  begin(task: number, worker: number): void {
    const fate = this.get(task);
    fate.begun += 1;
    must(fate.begun <= fate.mayBegin, () => `task ${task} was begun again, by worker ${worker}, and must not be`);
  }

  /** @param kind what its client got, or that it does not wait any more */
  answer(task: number, kind: string): void {
    const fate = this.get(task);
    // Nobody hears what comes after a cancel or a deadline.
    if (fate.answers > 0 && (fate.cancelled || fate.expired)) return;
    fate.answers += 1;
    must(fate.answers === 1, () => `task ${task} was answered a second time: ${kind}`);
  }

  checkAllAnswered(): void {
    for (const { task, answers, place } of this.#fates.values())
      must(answers === 1 && place === 'over', () => `task ${task} was answered ${answers} times, and is ${place}`);
  }
}

function isInLane({ place, facts }: Fate): boolean {
  return place === 'running' && facts.isConnection !== true;
}
