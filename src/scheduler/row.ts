/** Something that stands in a row, until it leaves it. */
export interface InRow {
  hasLeft: boolean;
}

/** What has left is swept away when it is more than half of the row, and never in a row so short. */
const FEWEST = 64;

/**
 * Items in the order in which they came, of which any may leave: a list of which the places of those that have left stay empty for a while. Each step takes constant
 * time in the mean. To ask a Map or a Set for the first of what is left takes as long as all that has left before it (docs/decisions/0022-queues.md).
 */
export class Row<Item extends InRow> {
  #items: Item[] = [];
  /** Nobody is left before this place. */
  #from = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    while (this.#items[this.#from]?.hasLeft === true) this.#from += 1;
    return this.#items[this.#from];
  }

  get last(): Item | undefined {
    while (this.#items.at(-1)?.hasLeft === true) this.#items.pop();
    this.#from = Math.min(this.#from, this.#items.length);
    return this.#items.at(-1);
  }

  add(item: Item): void {
    item.hasLeft = false;
    this.#items.push(item);
    this.#size += 1;
  }

  /** It has to be in here. */
  remove(item: Item): void {
    item.hasLeft = true;
    this.#size -= 1;
    const { length } = this.#items;
    if (length > FEWEST && 2 * this.#size < length) {
      this.#items = this.#items.filter(({ hasLeft }) => !hasLeft);
      this.#from = 0;
    }
  }
}
