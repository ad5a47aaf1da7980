/**
 * The streams of one call on the caller's side: those among its arguments, whose sources are read here, and that of its result. The
 * sources belong to the call once it waits: they are ended with it, whatever becomes of it.
 */
import { isAsyncIterable } from '../channel/crossing.ts';
import type { Parcel } from '../channel/handed.ts';
import type { StreamArguments, StreamInput } from '../channel/stream-arguments.ts';
import type { StreamReceiver } from '../channel/stream-receiver.ts';
import { StreamSender } from '../channel/stream-sender.ts';
import { decodeWord, MOST_STREAMS } from '../channel/stream-words.ts';
import type { EncodedValue } from '../channel/value.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { encodeExplained } from './encode-explained.ts';

/** The ways to the worker of a call. */
interface Ways {
  readonly send: (word: Buffer) => void;
  readonly decode: (bytes: Buffer) => unknown;
  /** Only to a thread. */
  readonly give: ((parcel: Parcel) => void) | undefined;
}

interface Input extends StreamInput {
  readonly source: AsyncIterable<unknown>;
}

export class CallStreams {
  readonly #inputs: readonly Input[];
  readonly #output: StreamReceiver | undefined;
  /** Resolves when the worker is done with the call. */
  readonly over: Promise<void>;
  /** Gives the call up, once it waits. */
  giveUp: (reason: unknown) => void = () => {};
  #onOver: () => void = () => {};
  #senders: readonly StreamSender[] | undefined;
  #isOver = false;

  private constructor(inputs: readonly Input[], output: StreamReceiver | undefined) {
    this.#inputs = inputs;
    this.#output = output;
    this.over = new Promise((resolve) => {
      this.#onOver = resolve;
    });
  }

  /**
   * @param output reads the result, where that is to be a stream
   * @returns undefined for a call without any stream
   * @throws PreforkError ERR_NOT_CLONEABLE
   */
  static of(args: readonly unknown[], output: StreamReceiver | undefined): CallStreams | undefined {
    // Nearly all calls have none, and pay for nothing but the look.
    if (output === undefined && !args.some(isAsyncIterable)) return undefined;
    const inputs = args.flatMap((source, index) =>
      isAsyncIterable(source) ? [{ index, source, kind: kindOf(source, index) }] : [],
    );
    if (inputs.length > MOST_STREAMS)
      throw new PreforkError('ERR_NOT_CLONEABLE', `args: found ${inputs.length} streams, expected at most ${MOST_STREAMS}`);
    return new CallStreams(inputs, output);
  }

  /** The arguments as they are sent, see `stream-arguments.ts`. */
  describe(args: readonly unknown[]): unknown[] {
    const described = [...args];
    for (const { index } of this.#inputs) described[index] = null;
    const inputs = this.#inputs.map(({ index, kind }) => ({ index, kind }));
    described.push({ inputs, output: this.#output !== undefined } satisfies StreamArguments);
    return described;
  }

  /** The call runs. */
  begin({ send, decode, give }: Ways): void {
    if (this.#isOver) return;
    this.#output?.connect({ send, decode });
    const encode = (value: unknown, path: string): EncodedValue => {
      const encoded = encodeExplained(value, path, undefined, give !== undefined);
      if (encoded.parcel !== undefined) give?.(encoded.parcel);
      return encoded;
    };
    this.#senders = this.#inputs.map(({ index, source }, position) => {
      const sender = new StreamSender(position + 1, `args[${index}]`, { send, encode });
      void sender.pumpToEnd(iterate(source));
      return sender;
    });
  }

  /**
   * @returns false when the worker may not say this
   * @throws ProtocolError when it is no word, or no value
   */
  receive(bytes: Buffer): boolean {
    const word = decodeWord(bytes);
    if (word.kind === 'piece' || word.kind === 'value') {
      if (word.stream !== 0 || this.#output === undefined) return false;
      return this.#output.receive(word.bytes, word.kind === 'value');
    }
    const sender = this.#senders?.[word.stream - 1];
    if (sender === undefined) return false;
    if (word.kind === 'credit') sender.addCredit(word.allowed);
    else if (word.kind === 'cancelled') sender.stop();
    else return false;
    return true;
  }

  /** The call is settled: nobody reads its arguments any more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#senders !== undefined) for (const sender of this.#senders) sender.stop();
    else for (const { source } of this.#inputs) endSource(source);
  }

  /** The worker is done with the call, or gone. */
  close(): void {
    this.#onOver();
  }
}

function kindOf(source: AsyncIterable<unknown>, index: number): StreamInput['kind'] {
  if (!(source instanceof ReadableStream)) return 'iterable';
  if (!source.locked) return 'readable';
  const expected = 'expected one that nobody else reads';
  throw new PreforkError('ERR_NOT_CLONEABLE', `args[${index}]: found a ReadableStream that is locked, ${expected}`);
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

/** Of a call that never began. It has nobody to tell what goes wrong with it. */
function endSource(source: AsyncIterable<unknown>): void {
  void (async () => {
    try {
      await source[Symbol.asyncIterator]().return?.();
    } catch {}
  })();
}
