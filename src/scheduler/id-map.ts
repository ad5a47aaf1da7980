/**
 * A Map from task ids, whole numbers from 1 on, that leaves no garbage: a hash table with linear probing. A Map that fills and empties all the time makes
 * its tables anew as often, which was a tenth of all that a brief call left to the garbage collector (docs/decisions/0017-brief-calls.md).
 *
 * Were an id its own hash, ids that count up would fill one run of cells, and each delete look at all of the run (docs/decisions/0022-queues.md).
 */
const FEWEST_BITS = 6;
/** 2^32 by the golden ratio: ids that follow one another are spread evenly over the cells, and lie apart. */
const SPREAD = 0x9e37_79b1;

export class IdMap<Value> {
  /** 0 is an empty cell. The value of a cell is at the same place. */
  #bits = FEWEST_BITS;
  #ids = new Uint32Array(1 << FEWEST_BITS);
  #values = emptyCells<Value>(1 << FEWEST_BITS);
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
        this.#rebuild(this.#bits + 1);
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
      const home = this.#home(this.#ids[cell] ?? 0);
      if (((cell - home) & last) < ((cell - hole) & last)) continue;
      this.#ids[hole] = this.#ids[cell] ?? 0;
      this.#values[hole] = this.#values[cell];
      hole = cell;
    }
    this.#ids[hole] = 0;
    this.#values[hole] = undefined;
    this.#size -= 1;
    // What a peak has left behind is given back when it is long over.
    if (this.#size === 0 && this.#bits > FEWEST_BITS + 6) this.#rebuild(FEWEST_BITS);
    return true;
  }

  /** In no order. Nothing may be set or deleted meanwhile. */
  *values(): Iterable<Value> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  /** The cell of an id, or the empty one where it would be. */
  #find(id: number): number {
    const last = this.#ids.length - 1;
    let cell = this.#home(id);
    while (this.#ids[cell] !== id && this.#ids[cell] !== 0) cell = (cell + 1) & last;
    return cell;
  }

  /** Where it is looked for first. */
  #home(id: number): number {
    return Math.imul(id, SPREAD) >>> (32 - this.#bits);
  }

  #rebuild(bits: number): void {
    const [ids, values] = [this.#ids, this.#values];
    this.#bits = bits;
    this.#ids = new Uint32Array(1 << bits);
    this.#values = emptyCells(1 << bits);
    for (const [cell, id] of ids.entries()) {
      if (id === 0) continue;
      const place = this.#find(id);
      this.#ids[place] = id;
      this.#values[place] = values[cell];
    }
  }
}

function emptyCells<Value>(cells: number): (Value | undefined)[] {
  // oxlint-disable-next-line unicorn/no-new-array -- an array of that length, made in one go: `Array.from` calls a function for each cell
  return new Array<Value | undefined>(cells).fill(undefined);
}
