/**
 * The streams of one call inside a worker: those in its arguments, which the function reads, and those of its result, which the caller
 * reads. It is loaded by the first call that has any.
 */
import { isAsyncIterable, type FoundStream } from '../channel/crossing.ts';
import { IncomingStreams } from '../channel/incoming-streams.ts';
import { OutgoingStreams } from '../channel/outgoing-streams.ts';
import { errorClasses, reviveThrown } from '../channel/revive.ts';
import { StreamSender } from '../channel/stream-sender.ts';
import { decodeWord } from '../channel/stream-words.ts';
import type { EncodedValue } from '../channel/value.ts';
import { callError, PreforkError } from './call-error.ts';

type AnyFunction = (...args: unknown[]) => unknown;

const CLASSES = errorClasses([PreforkError]);

/** What a stream needs of its call. */
interface Ways {
  readonly send: (word: Buffer) => void;
  readonly encode: (value: unknown, path: string) => EncodedValue;
  readonly decode: (bytes: Buffer) => unknown;
}

export class CallStreams {
  readonly #ways: Ways;
  readonly #inputs: IncomingStreams;
  readonly #output: StreamSender;
  #results: OutgoingStreams | undefined;
  #cancelled = false;

  constructor(ways: Ways) {
    this.#ways = ways;
    this.#output = new StreamSender(0, 'result', ways);
    this.#inputs = new IncomingStreams({
      ...ways,
      revive: (thrown) => reviveThrown(thrown, CLASSES),
      next: (receiver) => receiver.next(),
    });
  }

  /** Makes a stream among the arguments, see `OpenStream`. */
  openInput(stream: number, isReadable: boolean): object {
    return this.#inputs.open(stream, isReadable);
  }

  /** @returns what is to be called in place of the function, for its result is a stream: it is over when that is */
  yielding(call: AnyFunction, name: string): AnyFunction {
    return async (...args) => this.#output.pump(iteratorOf(await call(...args), name));
  }

  /**
   * Sends a result, and then the streams in it.
   *
   * @returns a promise for the end of all of them; it never rejects
   */
  async sendResult(result: EncodedValue, found: readonly FoundStream[]): Promise<void> {
    const results = (this.#results = new OutgoingStreams(found, this.#ways));
    // They are ended all the same.
    if (this.#cancelled) results.stop();
    else await this.#output.sendOnly(result);
    await results.pump();
  }

  /** @returns false when the primary sent more than was allowed */
  receive(bytes: Buffer): boolean {
    const word = decodeWord(bytes);
    if (word.kind !== 'credit' && word.kind !== 'cancelled') return this.#inputs.receive(word);
    if (word.stream !== 0) return this.#results?.receive(word) === true;
    if (word.kind === 'credit') this.#output.addCredit(word.allowed);
    return word.kind === 'credit';
  }

  /** The call is over: what it did not read is not wanted, and the caller knows. */
  close(): void {
    this.#inputs.drop();
  }

  /** Nobody waits for the call any more: its sources are ended, and what it reads fails. */
  cancel(reason: unknown): void {
    this.#cancelled = true;
    this.#output.stop();
    this.#results?.stop();
    this.#inputs.fail(reason, true);
  }
}

function iteratorOf(result: unknown, name: string): AsyncIterator<unknown> {
  if (isAsyncIterable(result)) return result[Symbol.asyncIterator]();
  if (isIterator(result)) return awaitEach(result);
  const found = result === null ? 'null' : Array.isArray(result) ? 'an array' : `a value of type ${typeof result}`;
  const message = `${name}: found ${found} as its result, expected an async iterable or a ReadableStream: call it by pool.call`;
  throw callError('ERR_NO_STREAM', 'handler', message);
}

/** What a generator function returns; an array or a Map is a value. */
function isIterator(value: unknown): value is IterableIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

async function* awaitEach(values: Iterable<unknown>): AsyncGenerator {
  yield* values;
}
