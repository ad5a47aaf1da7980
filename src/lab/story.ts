/**
 * The story that plays by itself: in each mode in turn, for more and more long requests, how long a short one takes. The lanes are measured one
 * after the other: beside each other on few CPUs they would measure each other.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { PreforkError } from '../errors/prefork-error.ts';
import type { Point, Run } from './api.ts';
import { type Lane, whyOf } from './lane.ts';

/** Primes, each divided longer by 40 % than the one before; the largest that takes no more than half a second here and now is what long requests ask. */
const LONG = [
  20_000_003, 28_000_019, 40_000_003, 56_000_003, 80_000_023, 114_000_001, 160_000_003, 226_000_007, 320_000_077, 450_000_007,
  640_000_019,
] as const;
const LONG_MS = 500;
const SHORT = 7;
const LONGS = [0, 1, 2, 4, 8];
/** The whole story; what is late is made shorter, so that this holds on a slow machine too. */
const STORY_MS = 52_000;
/** Short requests of one step are asked for so long, one about every `PACE_MS`: a fresh process for each, in mode fork, is more work than it is. */
const STEP_MS = 900;
const LEAST_STEP_MS = 300;
const PACE_MS = 100;
/** What a step takes beside that, about: the workers that the long requests need have to be there before a short one comes. */
const AROUND_MS = 900;
const SETTLE_MS = 150;
const MOST_SETTLE_MS = 4000;
/** Longest wait for one short request. */
const MOST_WAIT_MS = 8000;
const LEAST_WAIT_MS = 1000;
/** A server that is slower than this, and was asked for nothing else, still computes what somebody has given up. */
const FREE_MS = 500;

export class Story {
  readonly #lanes: readonly Lane[];
  readonly #onChange: () => void;
  readonly #startedMs = performance.now();
  readonly #ending = new AbortController();
  #endedMs: number | undefined;
  #stepsDone = 0;
  #told = 'closes what is open';
  #long: number = LONG[0];
  #is: Run['is'] = 'running';
  readonly #results: { readonly mode: Lane['mode']; readonly points: Point[] }[] = [];

  constructor(lanes: readonly Lane[], onChange: () => void) {
    this.#lanes = lanes;
    this.#onChange = onChange;
  }

  get isRunning(): boolean {
    return this.#is === 'running';
  }

  halt(): void {
    this.#ending.abort();
  }

  /** Plays it. Never rejects: how it ended is in what it tells. */
  async play(): Promise<void> {
    try {
      for (const lane of this.#lanes) lane.clear();
      for (const [index, lane] of this.#lanes.entries()) {
        this.#tell(`${lane.mode}: makes ready`);
        await this.#makeFree(lane);
        if (index === 0) await this.#chooseLong(lane);
        await this.#playLane(lane);
      }
      this.#finish('done', 'all five modes are measured');
    } catch (error) {
      if (this.#ending.signal.aborted) this.#finish('halted', 'it was halted');
      else this.#finish('failed', whyOf(error));
    } finally {
      for (const lane of this.#lanes) lane.closeTabs();
    }
  }

  tell(): Run {
    return {
      is: this.#is,
      progress: this.#stepsDone / (this.#lanes.length * LONGS.length),
      told: this.#told,
      longNumber: this.#long,
      shortNumber: SHORT,
      longs: LONGS,
      results: this.#results,
      tookMs: Math.round((this.#endedMs ?? performance.now()) - this.#startedMs),
    };
  }

  async #playLane(lane: Lane): Promise<void> {
    const points: Point[] = [];
    this.#results.push({ mode: lane.mode, points });
    const isOver = { value: false };
    const holders: Promise<void>[] = [];
    try {
      for (const longs of LONGS) {
        this.#tell(`${lane.mode}: short requests beside ${longs === 0 ? 'no long one' : `${longs} long`}`);
        // Those of the step before go on: a server under load is what is measured, and not how it gets there.
        while (holders.length < longs) holders.push(this.#hold(lane, isOver));
        await this.#settle(lane, longs);
        points.push({ longs, ...(await this.#askShorts(lane)) });
        this.#stepsDone += 1;
        this.#onChange();
      }
    } finally {
      isOver.value = true;
      lane.closeTabs();
      await Promise.all(holders);
    }
    // What was given up may be computed all the same, and would be in the way of the next lane.
    if (!(await this.#isFree(lane))) await lane.restart();
    lane.clear();
  }

  /** Eight of them, one after the other, have to be done in a part of the minute, on a slow or crowded machine too. */
  async #chooseLong(lane: Lane): Promise<void> {
    const [shortest] = LONG;
    const { ms } = await this.#askWithin(lane, shortest, MOST_WAIT_MS);
    this.#long = LONG.findLast((prime) => (ms * prime) / shortest <= LONG_MS) ?? shortest;
  }

  /** Nothing is left of what was asked before, or the server is another one. */
  async #makeFree(lane: Lane): Promise<void> {
    if (!lane.isServing) await lane.restart();
    else if (!(await this.#isFree(lane))) await lane.restart();
    await this.#askWithin(lane, SHORT, MOST_WAIT_MS);
    await this.#settle(lane, 0);
  }

  async #isFree(lane: Lane): Promise<boolean> {
    const { isAtLeast } = await this.#askWithin(lane, SHORT, FREE_MS);
    return !isAtLeast;
  }

  /** Waits until the long requests are at work, and the workers are booted that there are to be beside them. */
  async #settle(lane: Lane, longs: number): Promise<void> {
    const untilMs = performance.now() + Math.min(MOST_SETTLE_MS, this.#waitMs());
    do {
      await this.#wait(SETTLE_MS);
      lane.askWorkers();
    } while (!lane.isSettled(longs) && performance.now() < untilMs);
  }

  /** Keeps one long request in the lane: when it is answered, the next one comes. A server that is gone is told by the short ones. */
  async #hold(lane: Lane, isOver: { readonly value: boolean }): Promise<void> {
    while (!isOver.value && lane.isServing) {
      const { is } = await lane.ask(this.#long).ended;
      if (is !== 'answered') return;
    }
  }

  async #askShorts(lane: Lane): Promise<Omit<Point, 'longs'>> {
    const untilMs = performance.now() + this.#stepMs();
    const times: number[] = [];
    let isAtLeast = false;
    while (performance.now() < untilMs && !isAtLeast) {
      const answer = await this.#askWithin(lane, SHORT, this.#waitMs());
      times.push(answer.ms);
      ({ isAtLeast } = answer);
      await this.#wait(Math.max(1, PACE_MS - answer.ms));
    }
    const sorted = times.toSorted((one, other) => one - other);
    return {
      count: sorted.length,
      p50Ms: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
      slowestMs: sorted.at(-1) ?? 0,
      isAtLeast,
    };
  }

  /** One request; it is given up when it is not answered in time. */
  async #askWithin(lane: Lane, number: number, mostMs: number): Promise<{ readonly ms: number; readonly isAtLeast: boolean }> {
    this.#ending.signal.throwIfAborted();
    const { id, ended } = lane.ask(number);
    const giveUp = (): void => void lane.closeTab(id);
    const timer = setTimeout(giveUp, mostMs);
    this.#ending.signal.addEventListener('abort', giveUp, { once: true });
    const { is, ms, why } = await ended;
    clearTimeout(timer);
    this.#ending.signal.removeEventListener('abort', giveUp);
    this.#ending.signal.throwIfAborted();
    if (is === 'failed') throw new PreforkError('ERR_NO_SERVER', `${lane.mode}: a request failed: ${why ?? ''}`);
    return { ms, isAtLeast: is === 'closed' };
  }

  /** Its share of the time that is left. */
  #stepMs(): number {
    const share = this.#leftMs() / this.#stepsLeft() - AROUND_MS;
    return Math.min(STEP_MS, Math.max(LEAST_STEP_MS, share));
  }

  #waitMs(): number {
    const others = (this.#stepsLeft() - 1) * (LEAST_STEP_MS + AROUND_MS);
    return Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, this.#leftMs() - others));
  }

  #leftMs(): number {
    return STORY_MS - (performance.now() - this.#startedMs);
  }

  #stepsLeft(): number {
    return Math.max(1, this.#lanes.length * LONGS.length - this.#stepsDone);
  }

  async #wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#ending.signal });
  }

  #tell(told: string): void {
    this.#told = told;
    this.#onChange();
  }

  #finish(is: Run['is'], told: string): void {
    this.#is = is;
    this.#endedMs = performance.now();
    this.#tell(told);
  }
}
