/**
 * Ids in the order in which they are due: a binary heap, with the order of insertion among equals. Taking and adding cost
 * log n; so does the removal of any id, since the place of each is known.
 */
interface Entry {
  readonly id: number;
  readonly dueMs: number;
  readonly turn: number;
}

export class DueQueue {
  readonly #heap: Entry[] = [];
  readonly #places = new Map<number, number>();
  #turn = 0;

  get size(): number {
    return this.#heap.length;
  }

  has(id: number): boolean {
    return this.#places.has(id);
  }

  peek(): number | undefined {
    return this.#heap[0]?.id;
  }

  get nextDueMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  add(id: number, dueMs: number): void {
    const entry = { id, dueMs, turn: this.#turn };
    this.#turn += 1;
    this.#heap.push(entry);
    this.#places.set(id, this.#heap.length - 1);
    this.#rise(this.#heap.length - 1);
  }

  take(): number | undefined {
    const id = this.peek();
    if (id !== undefined) this.remove(id);
    return id;
  }

  remove(id: number): boolean {
    const place = this.#places.get(id);
    if (place === undefined) return false;
    this.#swap(place, this.#heap.length - 1);
    this.#heap.pop();
    this.#places.delete(id);
    if (place < this.#heap.length) {
      this.#rise(place);
      this.#sink(place);
    }
    return true;
  }

  #rise(from: number): void {
    for (let place = from; place > 0;) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(from: number): void {
    for (let place = from; ;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      let first = place;
      if (left < this.#heap.length && this.#isBefore(left, first)) first = left;
      if (right < this.#heap.length && this.#isBefore(right, first)) first = right;
      if (first === place) return;
      this.#swap(place, first);
      place = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#at(a), this.#at(b)];
    return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.turn < other.turn);
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#at(a), this.#at(b)];
    this.#heap[a] = other;
    this.#heap[b] = one;
    this.#places.set(other.id, a);
    this.#places.set(one.id, b);
  }

  #at(place: number): Entry {
    const entry = this.#heap[place];
    if (entry === undefined) throw new RangeError(`no entry at ${place} of ${this.#heap.length}`);
    return entry;
  }
}
