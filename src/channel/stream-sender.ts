import { setImmediate } from 'node:timers';
import { AsyncResource } from 'node:async_hooks';
import { costOf, cutPieces, encodeWord } from './stream-words.ts';
import { encodeThrown } from './thrown.ts';
import type { EncodedValue } from './value.ts';
import { SendWindow } from './window.ts';

/** Where a stream goes, and how its values turn into bytes. */
interface Ways {
  readonly send: (word: Buffer) => void;
  readonly encode: (value: unknown, path: string) => EncodedValue;
}

/**
 * One stream on the side of its source: takes value after value and sends them as fast as the other side takes them. The source is asked
 * for nothing that there is no room for, and is ended (`return`) when nobody wants more.
 */
export class StreamSender {
  readonly #stream: number;
  readonly #path: string;
  readonly #ways: Ways;
  readonly #window = new SendWindow();
  /** Ends the source, in the asynchronous context in which it is read. */
  #end: (() => Promise<void>) | undefined;
  #stopped = false;
  #returned: Promise<unknown> | undefined;

  /** @param path what paths in errors begin with; the number of the value follows */
  constructor(stream: number, path: string, ways: Ways) {
    this.#stream = stream;
    this.#path = path;
    this.#ways = ways;
  }

  addCredit(bytes: number): void {
    this.#window.add(bytes);
  }

  /**
   * Sends all that the source yields.
   *
   * @throws what the source throws, or UncloneableError for what it yields, after it was ended
   */
  async pump(source: AsyncIterator<unknown>): Promise<void> {
    if (this.#stopped) return end(source);
    this.#end = AsyncResource.bind(() => end(source));
    for (let index = 0; !this.#stopped; index += 1) {
      if (!this.#window.isOpen) await this.#opens();
      if (this.#stopped) break;
      const next = await source.next();
      if (next.done === true || this.#stopped) break;
      await this.#sendPieces('value', this.#encoded(next.value, index));
      // What it does next may take long, and never let the event loop turn: what it has yielded has to be out, and who gives it up heard.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#returned;
  }

  /** Sends one value, unless nobody wants it any more. */
  sendOnly(encoded: EncodedValue): Promise<void> {
    return this.#sendPieces('value', encoded);
  }

  /** As `pump`, of a stream that has words of its own for its end. Never rejects. */
  async pumpToEnd(source: AsyncIterator<unknown>): Promise<void> {
    try {
      await this.pump(source);
      if (!this.#stopped) this.#ways.send(encodeWord({ kind: 'ended', stream: this.#stream }));
    } catch (thrown) {
      await this.#sendPieces('failed', encodeThrown(thrown));
    }
  }

  /** Nobody wants more. Nothing more is sent, and the source is ended; what that throws is thrown by `pump`. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#returned = this.#end?.() ?? Promise.resolve();
    // `pump` may never come to it: it waits for a source that does not answer.
    this.#returned.catch(() => {});
    this.#window.add(Number.MAX_SAFE_INTEGER);
  }

  #encoded(value: unknown, index: number): EncodedValue {
    try {
      return this.#ways.encode(value, `${this.#path}[${index}]`);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  async #sendPieces(kind: 'value' | 'failed', encoded: EncodedValue): Promise<void> {
    let last: Buffer | undefined;
    for (const piece of cutPieces(encoded)) {
      if (last !== undefined) this.#sendPiece('piece', last);
      last = piece;
      if (!this.#window.isOpen) await this.#opens();
      if (this.#stopped && kind === 'value') return;
    }
    if (last !== undefined) this.#sendPiece(kind, last);
  }

  #sendPiece(kind: 'piece' | 'value' | 'failed', bytes: Buffer): void {
    this.#window.spend(costOf(bytes));
    this.#ways.send(encodeWord({ kind, stream: this.#stream, bytes }));
  }

  #opens(): Promise<void> {
    return new Promise((resolve) => this.#window.onceOpen(resolve));
  }
}

async function end(source: AsyncIterator<unknown>): Promise<void> {
  await source.return?.();
}
