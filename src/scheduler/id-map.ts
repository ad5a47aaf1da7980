/**
 * A Map from task ids, whole numbers from 1 on, that leaves no garbage: a hash table with linear probing. A Map that fills and empties all the time makes
 * its tables anew as often, which was a tenth of all that a brief call left to the garbage collector (docs/decisions/0017-brief-calls.md).
 */
const FEWEST = 64;

export class IdMap<Value> {
  /** 0 is an empty cell. The value of a cell is at the same place. */
  #ids = new Uint32Array(FEWEST);
  #values = emptyCells<Value>(FEWEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Value | undefined {
    return this.#values[this.#find(id)];
  }

  set(id: number, value: Value): void {
    let cell = this.#find(id);
    if (this.#ids[cell] !== id) {
      this.#size += 1;
      if (2 * this.#size > this.#ids.length) {
        this.#rebuild(2 * this.#ids.length);
        cell = this.#find(id);
      }
      this.#ids[cell] = id;
    }
    this.#values[cell] = value;
  }

  delete(id: number): boolean {
    let hole = this.#find(id);
    if (this.#ids[hole] !== id) return false;
    const last = this.#ids.length - 1;
    // Those behind it move up, as far as they are not before the cell that they belong to.
    for (let cell = (hole + 1) & last; this.#ids[cell] !== 0; cell = (cell + 1) & last) {
      const home = (this.#ids[cell] ?? 0) & last;
      if (((cell - home) & last) < ((cell - hole) & last)) continue;
      this.#ids[hole] = this.#ids[cell] ?? 0;
      this.#values[hole] = this.#values[cell];
      hole = cell;
    }
    this.#ids[hole] = 0;
    this.#values[hole] = undefined;
    this.#size -= 1;
    // What a peak has left behind is given back when it is long over.
    if (this.#size === 0 && this.#ids.length > 64 * FEWEST) this.#rebuild(FEWEST);
    return true;
  }

  /** In no order. Nothing may be set or deleted meanwhile. */
  *values(): Iterable<Value> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  /** The cell of an id, or the empty one where it would be. */
  #find(id: number): number {
    const last = this.#ids.length - 1;
    let cell = id & last;
    while (this.#ids[cell] !== id && this.#ids[cell] !== 0) cell = (cell + 1) & last;
    return cell;
  }

  #rebuild(cells: number): void {
    const [ids, values] = [this.#ids, this.#values];
    this.#ids = new Uint32Array(cells);
    this.#values = emptyCells(cells);
    for (const [cell, id] of ids.entries()) {
      if (id === 0) continue;
      const place = this.#find(id);
      this.#ids[place] = id;
      this.#values[place] = values[cell];
    }
  }
}

function emptyCells<Value>(cells: number): (Value | undefined)[] {
  return Array.from({ length: cells }, () => undefined);
}
