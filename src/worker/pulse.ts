/**
 * Memory shared by the main thread and the watchdog of one worker: a few cells, one writer each.
 * Times are milliseconds of the machine's monotonic clock, cut to 32 bits; differences of up to 24 days survive the wrap.
 */
import process from 'node:process';

const PING = 0;
const PONG = 1;
const PONG_AT_MS = 2;
const DEADLINE_SET = 3;
const DEADLINE_AT_MS = 4;
const CELLS = 5;

export function monotonicMs(): number {
  return Number(BigInt.asIntN(32, process.hrtime.bigint() / 1_000_000n));
}

/** `a - b` of two such times, right across the wrap. A deadline may lie that far ahead: the longest is 2^31 - 1 ms. */
export function elapsedMs(a: number, b: number): number {
  return (a - b) | 0;
}

export class Pulse {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** Watchdog: starts a new round. The main thread is told by message, and answers with `pong`. */
  ping(): number {
    return Atomics.add(this.#cells, PING, 1) + 1;
  }

  /** Main thread: its event loop turns. */
  pong(): void {
    Atomics.store(this.#cells, PONG_AT_MS, monotonicMs());
    Atomics.store(this.#cells, PONG, Atomics.load(this.#cells, PING));
  }

  /** When the main thread answered the given round, or undefined as long as it has not. */
  answeredAtMs(round: number): number | undefined {
    return Atomics.load(this.#cells, PONG) === round ? Atomics.load(this.#cells, PONG_AT_MS) : undefined;
  }

  /** Main thread, mode cluster: the earliest deadline of the tasks that run, or undefined when none runs. */
  setDeadline(atMs: number | undefined): void {
    if (atMs !== undefined) Atomics.store(this.#cells, DEADLINE_AT_MS, atMs);
    Atomics.store(this.#cells, DEADLINE_SET, atMs === undefined ? 0 : 1);
  }

  /** Watchdog: for how long the earliest deadline has been over; 0 or less when none is. */
  overdueMs(nowMs: number): number {
    if (Atomics.load(this.#cells, DEADLINE_SET) === 0) return 0;
    return elapsedMs(nowMs, Atomics.load(this.#cells, DEADLINE_AT_MS));
  }
}
