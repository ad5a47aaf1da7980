/**
 * Numbers that look random and follow from a seed: sfc32 by Chris Doty-Humphrey (it passes PractRand), with 128 bits of state.
 * Each part of the world draws from a stream of its own, so that one more draw in one place does not change everything else.
 */
export class Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#seed = seed;
    [this.#a, this.#b, this.#c] = [hash(seed, 1), hash(seed, 2), hash(seed, 3)];
    // Seeds that look alike give streams that do not, after a few rounds.
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  /** A stream that has nothing to do with this one, and is the same whatever was drawn from this one. */
  stream(name: string): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** From 0 up to 1, which it never is. */
  fraction(): number {
    return this.#next() / 0x1_0000_0000;
  }

  /** A whole number from 0 up to `count`, which it never is. */
  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  between(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }

  chance(share: number): boolean {
    return this.fraction() < share;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }

  /** Time to the next of events that come at a constant rate and know nothing of each other. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }

  /** Heavy-tailed between two bounds: the smaller `alpha`, the more of all the work is in a few large ones. */
  boundedPareto(alpha: number, low: number, high: number): number {
    const ratio = (low / high) ** alpha;
    return low * (1 - this.fraction() * (1 - ratio)) ** (-1 / alpha);
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** FNV-1a with a start of its own, and a last mix so that each bit depends on all. */
function hash(text: string, salt: number): number {
  let state = Math.imul(0x811c_9dc5, 2 * salt + 1);
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x0100_0193);
  state = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35);
  return state ^ (state >>> 16);
}
