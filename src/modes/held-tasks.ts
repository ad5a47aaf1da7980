import { ClaimSlots } from './claim-slots.ts';

/** What one worker was sent: its slots, the tasks that it has begun, and how many it has served. */
export class HeldTasks {
  readonly slots = new ClaimSlots();
  /** First begun first. */
  readonly #begun = new Set<number>();
  #served = 0;

  get running(): number {
    return this.#begun.size;
  }

  /** Tasks of which it said the last word. */
  get served(): number {
    return this.#served;
  }

  /** The one that it has run for longest. */
  get oldest(): number | undefined {
    for (const task of this.#begun) return task;
    return undefined;
  }

  begin(task: number): void {
    this.#begun.add(task);
  }

  end(task: number): void {
    if (this.#begun.delete(task)) this.#served += 1;
  }

  /** It runs no longer in here, and was not served either. */
  drop(task: number): void {
    this.#begun.delete(task);
  }
}
