/** Items in the order in which they are due, with the order of their turns among equals. */
import { type InRow, Row } from './row.ts';

/** Something that is due, and stands in a `DueRow`. */
export interface Due extends InRow {
  readonly dueMs: number;
  readonly turn: number;
  /** Is kept by the row: in its heap, or `IN_ORDER`. */
  place: number;
}

export const IN_ORDER = -1;

/**
 * Those that come in that order, as nearly all do, stand in a row, and take constant time; the others are in a binary heap, where adding and removing cost
 * log n: the place of each is known.
 */
export class DueRow<Item extends Due> {
  readonly #row = new Row<Item>();
  readonly #heap: Item[] = [];

  get size(): number {
    return this.#row.size + this.#heap.length;
  }

  get first(): Item | undefined {
    const { first } = this.#row;
    const [top] = this.#heap;
    if (first === undefined || top === undefined) return first ?? top;
    return isBefore(first, top) ? first : top;
  }

  /** The turns of those that are added count up. */
  add(item: Item): void {
    const { last } = this.#row;
    item.place = IN_ORDER;
    if (last === undefined || last.dueMs <= item.dueMs) return this.#row.add(item);
    this.#heap.push(item);
    this.#rise(item, this.#heap.length - 1);
  }

  /** It has to be in here. */
  remove(item: Item): void {
    if (item.place === IN_ORDER) return this.#row.remove(item);
    const { place } = item;
    const last = this.#heap.pop();
    // The last one fills the gap.
    if (last === undefined || place === this.#heap.length) return;
    this.#rise(last, place);
    this.#sink(last, last.place);
  }

  #rise(item: Item, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = this.#at((place - 1) >> 1);
      if (!isBefore(item, parent)) break;
      this.#set(parent, place);
      place = (place - 1) >> 1;
    }
    this.#set(item, place);
  }

  #sink(item: Item, from: number): void {
    let place = from;
    for (let child = 2 * place + 1; child < this.#heap.length; child = 2 * place + 1) {
      if (child + 1 < this.#heap.length && isBefore(this.#at(child + 1), this.#at(child))) child += 1;
      if (!isBefore(this.#at(child), item)) break;
      this.#set(this.#at(child), place);
      place = child;
    }
    this.#set(item, place);
  }

  #set(item: Item, place: number): void {
    this.#heap[place] = item;
    item.place = place;
  }

  #at(place: number): Item {
    const item = this.#heap[place];
    if (item === undefined) throw new RangeError(`nothing at ${place} of ${this.#heap.length}`);
    return item;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.turn < other.turn);
}
