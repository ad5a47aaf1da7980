import type { StreamReceiver } from '../channel/stream-receiver.ts';
import type { CallStreams } from './call-streams.ts';
import { joinStack } from './join-stack.ts';

/**
 * The values that a function yields, in order; it is read once. Nothing runs before the first of them is asked for. `break`, `return()` and
 * `await using` end the call: the generator's `finally` blocks run in the worker, and the loop goes on here when they have.
 */
export interface CallStream<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  /** The next value; the first call of it begins the call of the function. Rejects with what the function threw, with `signal.reason`, or with a PreforkError. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends the call, as `break` does. Resolves when the function has ended, or, half a second after it was told, its worker. */
  return(): Promise<IteratorResult<T, undefined>>;
}

export class ResultStream implements CallStream<unknown> {
  readonly #receiver: StreamReceiver;
  readonly #streams: CallStreams | undefined;
  readonly #start: () => Promise<unknown>;
  readonly #signal: AbortSignal | undefined;
  #begun = false;

  /**
   * @param start begins the call; what it returns is settled with the call
   * @param signal that of the caller, whose reason is thrown as it is
   */
  constructor(
    receiver: StreamReceiver,
    streams: CallStreams | undefined,
    start: () => Promise<unknown>,
    signal: AbortSignal | undefined,
  ) {
    this.#receiver = receiver;
    this.#streams = streams;
    this.#start = start;
    this.#signal = signal;
  }

  /** Async, so that V8 knows who awaits it when it comes to an error. */
  async next(): Promise<IteratorResult<unknown, undefined>> {
    try {
      this.#begin();
      if (this.#signal?.aborted === true) this.#fail(this.#signal.reason);
      return (await this.#receiver.next()) as IteratorResult<unknown, undefined>;
    } catch (error) {
      if (error !== this.#signal?.reason) joinStack(error);
      throw error;
    }
  }

  #begin(): void {
    if (this.#begun || this.#receiver.isOver) return;
    let outcome: Promise<unknown>;
    try {
      outcome = this.#start();
    } catch (error) {
      // It never was a call.
      this.#receiver.fail(error);
      return;
    }
    this.#begun = true;
    outcome.then(
      () => this.#receiver.end(),
      (error: unknown) => {
        if (this.#signal?.aborted === true && error === this.#signal.reason) this.#fail(error);
        else this.#receiver.fail(error);
      },
    );
  }

  /** Whoever aborts has seen enough; any other error comes after what was yielded before it. */
  #fail(reason: unknown): void {
    if (this.#receiver.isOver) return;
    this.#receiver.drop();
    this.#receiver.fail(reason);
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#receiver.drop();
    this.#receiver.end();
    if (this.#begun) {
      this.#streams?.giveUp(new DOMException('the stream was not read to its end', 'AbortError'));
      await this.#streams?.over;
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
