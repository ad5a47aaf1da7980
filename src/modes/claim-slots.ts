import { CLAIM_SLOTS } from '../channel/claims.ts';

/**
 * The slots of one worker's claims (channel/claims.ts). A slot is given to another task only when nobody can decide about the old
 * one any more: it is over, or was skipped, and no answer to a question about it is due.
 */
export class ClaimSlots {
  readonly #free: number[] = [];
  readonly #taken = new Map<number, { asked: boolean; over: boolean }>();
  #next = 0;

  /** @returns undefined when all are taken: the worker leaves too many questions unanswered */
  take(): number | undefined {
    const slot = this.#free.pop() ?? (this.#next < CLAIM_SLOTS ? this.#next++ : undefined);
    if (slot !== undefined) this.#taken.set(slot, { asked: false, over: false });
    return slot;
  }

  /** The task of the slot is asked back. */
  ask(slot: number): void {
    const state = this.#taken.get(slot);
    if (state !== undefined) state.asked = true;
  }

  /** The question was answered. @returns false when nobody asked */
  answer(slot: number): boolean {
    const state = this.#taken.get(slot);
    if (state?.asked !== true) return false;
    state.asked = false;
    this.#release(slot);
    return true;
  }

  /** The main thread will not look at the slot again: its task ended, or was skipped. */
  over(slot: number): void {
    const state = this.#taken.get(slot);
    if (state === undefined) return;
    state.over = true;
    this.#release(slot);
  }

  #release(slot: number): void {
    const state = this.#taken.get(slot);
    if (state === undefined || state.asked || !state.over) return;
    this.#taken.delete(slot);
    this.#free.push(slot);
  }
}
