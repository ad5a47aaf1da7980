/** What has to be true of something after a fixed time. Added in the order of time, so that looking costs nothing until it is due. */
export class DueList<Item> {
  #entries: { readonly item: Item; readonly dueMs: number }[] = [];
  #first = 0;

  add(item: Item, dueMs: number): void {
    this.#entries.push({ item, dueMs });
  }

  /** Those that are due, each once. */
  *take(nowMs: number): Iterable<Item> {
    for (let entry = this.#entries[this.#first]; entry !== undefined && entry.dueMs < nowMs;) {
      this.#first += 1;
      yield entry.item;
      entry = this.#entries[this.#first];
    }
    if (this.#first < 4096) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}
