/**
 * Memory in which the main thread of a cluster worker keeps what its front has counted and the task that it has run for longest, and
 * from which the watchdog reads it while the main thread computes. One writer; the sequence is odd while it writes.
 */
import type { RunningTask } from '../channel/messages.ts';
import { elapsedMs, monotonicMs } from './pulse.ts';

const SEQUENCE = 0;
const IS_SET = 1;
const TASK = 2;
const STARTED_AT_MS = 3;
const METHOD_BYTES = 4;
const URL_BYTES = 5;
const HEADER_CELLS = 8;

const LONGEST_METHOD_BYTES = 32;
const LONGEST_URL_BYTES = 512;
const METHOD_AT = HEADER_CELLS * Int32Array.BYTES_PER_ELEMENT;
const URL_AT = METHOD_AT + LONGEST_METHOD_BYTES;
const COUNTS_AT = URL_AT + LONGEST_URL_BYTES;

/** A writer is done after some microseconds, unless it has lost its CPU in between. */
const TRIES = 100;

export class TaskBoard {
  readonly memory: SharedArrayBuffer;
  /** Each only grows, so that the reader needs no lock. */
  readonly counts: Float64Array;
  readonly #header: Int32Array;
  readonly #method: Buffer;
  readonly #url: Buffer;

  /** @param memory of another board, or undefined for a new one with so many counts */
  constructor(counts: number, memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(COUNTS_AT + counts * Float64Array.BYTES_PER_ELEMENT);
    this.#header = new Int32Array(this.memory, 0, HEADER_CELLS);
    this.#method = Buffer.from(this.memory, METHOD_AT, LONGEST_METHOD_BYTES);
    this.#url = Buffer.from(this.memory, URL_AT, LONGEST_URL_BYTES);
    this.counts = new Float64Array(this.memory, COUNTS_AT);
  }

  /** Main thread: the task that it has run for longest, or undefined for none. */
  setOldest(oldest: RunningTask | undefined): void {
    const header = this.#header;
    Atomics.add(header, SEQUENCE, 1);
    if (oldest !== undefined) {
      header[TASK] = oldest.task;
      header[STARTED_AT_MS] = (monotonicMs() - oldest.runMs) | 0;
      header[METHOD_BYTES] = this.#method.write(oldest.method);
      header[URL_BYTES] = this.#url.write(oldest.url);
    }
    header[IS_SET] = oldest === undefined ? 0 : 1;
    Atomics.add(header, SEQUENCE, 1);
  }

  /** Watchdog: the task that the main thread has run for longest, or null for none; undefined when it is just being written. */
  readOldest(): RunningTask | null | undefined {
    const header = this.#header;
    for (let count = 0; count < TRIES; count += 1) {
      const before = Atomics.load(header, SEQUENCE);
      if (before % 2 !== 0) continue;
      const oldest = header[IS_SET] === 1 ? this.#read() : null;
      if (Atomics.load(header, SEQUENCE) === before) return oldest;
    }
    return undefined;
  }

  #read(): RunningTask {
    const header = this.#header;
    return {
      task: header[TASK] ?? 0,
      runMs: Math.max(0, elapsedMs(monotonicMs(), header[STARTED_AT_MS] ?? 0)),
      method: this.#method.toString('utf8', 0, header[METHOD_BYTES]),
      url: this.#url.toString('utf8', 0, header[URL_BYTES]),
    };
  }
}
