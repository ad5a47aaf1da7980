/** The streams in a value that is sent: reads each source as fast as the other side reads it, to its end or until nobody wants more of it. */
import type { FoundStream } from './crossing.ts';
import { StreamSender } from './stream-sender.ts';
import type { StreamWord } from './stream-words.ts';
import type { EncodedValue } from './value.ts';

interface Ways {
  readonly send: (word: Buffer) => void;
  readonly encode: (value: unknown, path: string) => EncodedValue;
}

export class OutgoingStreams {
  /** In the order of their numbers, from 1 on. */
  readonly #streams: readonly { readonly source: AsyncIterable<unknown>; readonly sender: StreamSender }[];

  constructor(found: readonly FoundStream[], ways: Ways) {
    this.#streams = found.map(({ source, path }, index) => ({ source, sender: new StreamSender(index + 1, path, ways) }));
  }

  /** Resolves when all have ended; never rejects, as each says by itself how it ended. */
  async pump(): Promise<void> {
    await Promise.all(this.#streams.map(({ source, sender }) => sender.pumpToEnd(iterate(source))));
  }

  /** @returns false when the other side may not say this */
  receive(word: StreamWord): boolean {
    const stream = this.#streams[word.stream - 1];
    if (stream === undefined) return false;
    if (word.kind === 'credit') stream.sender.addCredit(word.allowed);
    else if (word.kind === 'cancelled') stream.sender.stop();
    else return false;
    return true;
  }

  /** Nobody wants more of any of them. */
  stop(): void {
    for (const { sender } of this.#streams) sender.stop();
  }
}

/** Ends a source that is never read. It has nobody to tell what goes wrong with it. */
export function endSource(source: AsyncIterable<unknown>): void {
  void (async () => {
    try {
      await source[Symbol.asyncIterator]().return?.();
    } catch {}
  })();
}

/** What an iterable throws when it is asked for its iterator counts as thrown by that. */
function iterate(source: AsyncIterable<unknown>): AsyncIterator<unknown> {
  try {
    return source[Symbol.asyncIterator]();
  } catch (error) {
    // eslint-disable-next-line typescript/prefer-promise-reject-errors -- what was thrown is thrown again, whatever it is.
    return { next: () => Promise.reject(error) };
  }
}
