/** Ids in the order in which they are due, with the order of insertion among equals. */
import { type Due, DueRow, IN_ORDER } from './due-row.ts';
import { IdMap } from './id-map.ts';

interface Entry extends Due {
  readonly id: number;
}

export class DueQueue {
  readonly #due = new DueRow<Entry>();
  readonly #entries = new IdMap<Entry>();
  #turn = 0;

  get size(): number {
    return this.#due.size;
  }

  has(id: number): boolean {
    return this.#entries.get(id) !== undefined;
  }

  peek(): number | undefined {
    return this.#due.first?.id;
  }

  get nextDueMs(): number | undefined {
    return this.#due.first?.dueMs;
  }

  /** @param id a whole number from 1 on, that is not in here */
  add(id: number, dueMs: number): void {
    const entry: Entry = { id, dueMs, turn: this.#turn, place: IN_ORDER, hasLeft: false };
    this.#turn += 1;
    this.#entries.set(id, entry);
    this.#due.add(entry);
  }

  take(): number | undefined {
    const id = this.peek();
    if (id !== undefined) this.remove(id);
    return id;
  }

  remove(id: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    this.#due.remove(entry);
    return true;
  }
}
