/**
 * The streams of a call that the other side sends: those in its arguments inside a worker, those in its result at the caller. Each is made
 * where the value stands that has it, is read by itself, and ends by itself or with the call.
 */
import { readableOf } from './readable-stream.ts';
import { StreamReceiver } from './stream-receiver.ts';
import { encodeWord, type StreamWord } from './stream-words.ts';

interface Ways {
  readonly send: (word: Buffer) => void;
  readonly decode: (bytes: Buffer) => unknown;
  /** Of what was thrown, as it came. */
  readonly revive: (thrown: unknown) => unknown;
  /** Reads the next value for whoever asked. */
  readonly next: (receiver: StreamReceiver) => Promise<IteratorResult<unknown>>;
}

/** What is read of one, and may be ended. */
type Reader = AsyncIterableIterator<unknown> & AsyncDisposable;

export class IncomingStreams {
  readonly #ways: Ways;
  readonly #receivers = new Map<number, StreamReceiver>();

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** As `OpenStream` says. */
  open(stream: number, isReadable: boolean): object {
    if (stream === 0 || this.#receivers.has(stream)) throw new RangeError('a stream of a number that is taken');
    const receiver = new StreamReceiver(stream, this.#ways);
    this.#receivers.set(stream, receiver);
    const reader = this.#reader(stream, receiver);
    return isReadable ? readableOf(reader) : reader;
  }

  #reader(stream: number, receiver: StreamReceiver): Reader {
    const { send, next } = this.#ways;
    const end = (): void => {
      if (!receiver.isOver) send(encodeWord({ kind: 'cancelled', stream }));
      receiver.end();
      receiver.drop();
    };
    return {
      next: () => next(receiver),
      return: (value?: unknown) => {
        end();
        return Promise.resolve({ done: true, value });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
      [Symbol.asyncDispose]() {
        end();
        return Promise.resolve();
      },
    };
  }

  /**
   * @returns false when the other side may not say this
   * @throws ProtocolError when the bytes are no value
   */
  receive(word: StreamWord): boolean {
    const receiver = this.#receivers.get(word.stream);
    if (receiver === undefined) return false;
    switch (word.kind) {
      case 'piece':
      case 'value':
        return receiver.receive(word.bytes, word.kind === 'value');
      case 'failed':
        receiver.fail(this.#ways.revive(receiver.thrown(word.bytes)));
        return true;
      case 'ended':
        receiver.end();
        return true;
      case 'credit':
      case 'cancelled':
        return false;
    }
  }

  get areOver(): boolean {
    return [...this.#receivers.values()].every(({ isOver }) => isOver);
  }

  /** Nothing more comes, and what has come is not wanted. */
  drop(): void {
    for (const receiver of this.#receivers.values()) {
      receiver.drop();
      receiver.end();
    }
  }

  /** Those that have ended are still to be read. @param drops what has come of the others; else it is read before */
  fail(error: unknown, drops: boolean): void {
    for (const receiver of this.#receivers.values()) {
      if (receiver.isOver) continue;
      if (drops) receiver.drop();
      receiver.fail(error);
    }
  }
}
