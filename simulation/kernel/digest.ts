/**
 * A running hash of everything that happened: two runs that differ anywhere differ in it. 64 bits, in two halves that are mixed as
 * in MurmurHash3. It is there to compare runs, and keeps no secrets.
 */
export class Digest {
  #high = 0x9e37_79b9;
  #low = 0x7f4a_7c15;
  readonly #codes = new Map<string, number>();
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);

  /** To the last bit: a time that is off by a rounding error is another time. */
  number(value: number): void {
    this.#float[0] = value;
    this.#word(this.#words[0] ?? 0);
    this.#word(this.#words[1] ?? 0);
  }

  /** One of a few names. */
  name(text: string): void {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = 0;
      for (let index = 0; index < text.length; index += 1) code = (Math.imul(code, 31) + text.charCodeAt(index)) | 0;
      this.#codes.set(text, code);
    }
    this.#word(code);
  }

  get hex(): string {
    return [this.#high, this.#low].map((half) => (finish(half) >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #word(word: number): void {
    const mixed = Math.imul(word, 0xcc9e_2d51);
    this.#high = (Math.imul(rotate(this.#high ^ rotate(mixed, 15), 13), 5) + 0xe654_6b64) | 0;
    this.#low = (Math.imul(rotate(this.#low ^ mixed, 17), 9) + this.#high) | 0;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function finish(half: number): number {
  const mixed = Math.imul(half ^ (half >>> 16), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 13);
}
