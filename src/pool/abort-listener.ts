/** Listens to a signal until a call is settled. */
export class AbortListener {
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;

  constructor(signal: AbortSignal, giveUp: (reason: unknown) => void) {
    this.#signal = signal;
    this.#onAbort = () => giveUp(signal.reason);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** What settles the call, after this has stopped to listen. */
  before(tell: (outcome: unknown) => void): (outcome: unknown) => void {
    return (outcome) => {
      this.#signal.removeEventListener('abort', this.#onAbort);
      tell(outcome);
    };
  }
}
