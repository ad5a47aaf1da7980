/**
 * A handler that computes in this process keeps signal listeners from running: Ctrl-C would seem dead for as long as it
 * computes. While a handler is called the listeners are put aside, so that a signal does what it does by default. They are
 * back when the event loop turns again, or its answer has begun: whoever has that may well send a signal.
 */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Interruptible {
  #aside: (() => void)[] = [];
  #isCalling = false;
  #hasAnswered = false;

  call<T>(work: () => T): T {
    if (this.#aside.length === 0) {
      for (const signal of SIGNALS) {
        const listeners = process.listeners(signal);
        process.removeAllListeners(signal);
        this.#aside.push(() => listeners.forEach((listener) => process.on(signal, listener)));
      }
      setImmediate(() => this.#restore());
    }
    this.#isCalling = true;
    this.#hasAnswered = false;
    try {
      return work();
    } finally {
      this.#isCalling = false;
      if (this.#hasAnswered) this.#restore();
    }
  }

  /** The head of an answer goes out. Its handler may compute on all the same, for as long as it has not returned. */
  answered(): void {
    if (this.#isCalling) this.#hasAnswered = true;
    else this.#restore();
  }

  #restore(): void {
    for (const restore of this.#aside) restore();
    this.#aside = [];
  }
}
