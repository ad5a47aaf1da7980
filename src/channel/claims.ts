/**
 * Memory in which the two who may decide about a task that waits in a worker agree: the main thread, that would start it, and
 * whoever takes it back, the watchdog or for a thread the primary. Whoever comes first wins, and both know: a task is
 * started or revoked, never both.
 *
 * Each task has a slot, given by the primary, as long as anybody may still ask about it. The cell of a slot tells the last
 * decision: the task, and in the lowest bit which it was. So a task's id has 31 bits.
 */
export const CLAIM_SLOTS = 1024;

const STARTED = 0;
const REVOKED = 1;

export class Claims {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(CLAIM_SLOTS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** Main thread: may the task be started? Asked once for each time that it is sent. */
  start(slot: number, task: number): boolean {
    if (this.#decide(slot, task, STARTED)) return true;
    // It may be sent again, in this very slot. Until then nobody asks: it is asked back once, and that was decided.
    Atomics.store(this.#cells, slot % CLAIM_SLOTS, 0);
    return false;
  }

  /** The other side: is the task taken back? */
  revoke(slot: number, task: number): boolean {
    return this.#decide(slot, task, REVOKED);
  }

  #decide(slot: number, task: number, decision: number): boolean {
    const cell = slot % CLAIM_SLOTS;
    const wanted = (task << 1) | decision;
    for (;;) {
      const found = Atomics.load(this.#cells, cell);
      if (found >> 1 === wanted >> 1) return found === wanted;
      if (Atomics.compareExchange(this.#cells, cell, found, wanted) === found) return true;
    }
  }
}
