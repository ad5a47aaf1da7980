/** Listens to a signal until a call is settled, and the streams in its result are. */
export class AbortListener {
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;

  constructor(signal: AbortSignal, giveUp: (reason: unknown) => void) {
    this.#signal = signal;
    this.#onAbort = () => giveUp(signal.reason);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  stop(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
