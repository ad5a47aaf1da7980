/** What is to happen, soonest first; what is due at the same time happens in the order in which it was added. A binary heap. */
interface Entry {
  readonly atMs: number;
  readonly turn: number;
  readonly happen: () => void;
}

export class Agenda {
  readonly #heap: Entry[] = [];
  #turn = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the next one is due; infinity when there is none. */
  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  add(atMs: number, happen: () => void): void {
    const entry = { atMs, turn: this.#turn, happen };
    this.#turn += 1;
    let place = this.#heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = entry;
  }

  take(): (() => void) | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.#heap.length > 0) this.#sink(last);
    return first.happen;
  }

  #sink(entry: Entry): void {
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      let child = this.#heap[left];
      let below = left;
      const right = this.#heap[left + 1];
      if (child !== undefined && right !== undefined && isBefore(right, child)) [child, below] = [right, left + 1];
      if (child === undefined || !isBefore(child, entry)) break;
      this.#heap[place] = child;
      place = below;
    }
    this.#heap[place] = entry;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.turn < other.turn);
}
