/** No timer of Node is longer. */
const LONGEST_MS = 2 ** 31 - 1;

/** Keeps this process from its end as long as somebody holds it; the workers of a pool do not. */
export class KeepAlive {
  #held = 0;
  readonly #timer = setInterval(() => {}, LONGEST_MS).unref();

  hold(): void {
    this.#held += 1;
    if (this.#held === 1) this.#timer.ref();
  }

  release(): void {
    this.#held -= 1;
    if (this.#held > 0) return;
    // One more turn of the event loop: what a function has printed arrives beside its result.
    setImmediate(() => {
      if (this.#held === 0) this.#timer.unref();
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
