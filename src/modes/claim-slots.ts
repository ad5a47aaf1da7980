import { CLAIM_SLOTS } from '../channel/claims.ts';

const TAKEN = 1;
const ASKED = 2;
const OVER = 4;

/**
 * The slots of one worker's claims (channel/claims.ts). A slot is given to another task only when nobody can decide about the old
 * one any more: it is over, or was skipped, and no answer to a question about it is due.
 */
export class ClaimSlots {
  static readonly #ofWorkers = new WeakMap<object, ClaimSlots>();

  /** Those of a worker, which are the same for as long as it lives. */
  static of(worker: object): ClaimSlots {
    const known = this.#ofWorkers.get(worker);
    if (known !== undefined) return known;
    const slots = new ClaimSlots();
    this.#ofWorkers.set(worker, slots);
    return slots;
  }

  readonly #free: number[] = [];
  /** What is known of each slot, `TAKEN` and more, or 0. */
  readonly #states = new Uint8Array(CLAIM_SLOTS);
  #next = 0;

  /** @returns undefined when all are taken: the worker leaves too many questions unanswered */
  take(): number | undefined {
    const slot = this.#free.pop() ?? (this.#next < CLAIM_SLOTS ? this.#next++ : undefined);
    if (slot !== undefined) this.#states[slot] = TAKEN;
    return slot;
  }

  /** The task of the slot is asked back. */
  ask(slot: number): void {
    if (this.#is(slot, TAKEN)) this.#states[slot] = (this.#states[slot] ?? 0) | ASKED;
  }

  /** The question was answered. @returns false when nobody asked */
  answer(slot: number): boolean {
    if (!this.#is(slot, TAKEN | ASKED)) return false;
    this.#states[slot] = (this.#states[slot] ?? 0) & ~ASKED;
    this.#release(slot);
    return true;
  }

  /** The main thread will not look at the slot again: its task ended, or was skipped. */
  over(slot: number): void {
    if (!this.#is(slot, TAKEN)) return;
    this.#states[slot] = (this.#states[slot] ?? 0) | OVER;
    this.#release(slot);
  }

  /** A worker may name any number. */
  #is(slot: number, flags: number): boolean {
    return ((this.#states[slot] ?? 0) & flags) === flags;
  }

  #release(slot: number): void {
    if (this.#states[slot] !== (TAKEN | OVER)) return;
    this.#states[slot] = 0;
    this.#free.push(slot);
  }
}
