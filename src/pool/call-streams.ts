/**
 * The streams of one call on the caller's side: those in its arguments, whose sources are read here, and those of its result. The
 * sources belong to the call once it waits: they are ended with it, whatever becomes of it.
 */
import type { FoundStream } from '../channel/crossing.ts';
import type { Parcel } from '../channel/handed.ts';
import { IncomingStreams } from '../channel/incoming-streams.ts';
import { endSource, OutgoingStreams } from '../channel/outgoing-streams.ts';
import type { OpenStream } from '../channel/clone.ts';
import { StreamReceiver } from '../channel/stream-receiver.ts';
import { decodeWord } from '../channel/stream-words.ts';
import type { EncodedValue } from '../channel/value.ts';
import { encodeExplained } from './encode-explained.ts';
import { joinStack } from './join-stack.ts';

/** The ways to the worker of a call, and to its caller. */
interface Ways {
  readonly send: (word: Buffer) => void;
  readonly decode: (bytes: Buffer, openStream?: OpenStream) => unknown;
  /** Only to a thread. */
  readonly give: ((parcel: Parcel) => void) | undefined;
  /** Of what was thrown, as it came. */
  readonly revive: (thrown: unknown) => unknown;
  /** Has the result, whose streams go on. */
  readonly answer: (result: unknown) => void;
}

/** How a call ended for whoever reads what is left of it. */
export type StreamsEnd =
  | { readonly kind: 'completed' }
  /** What came before is still to be read, unless the caller gave up. */
  | { readonly kind: 'failed' | 'cancelled'; readonly error: unknown };

/** What is done with the result: `yielded` is read value by value, `whole` is one value that has streams in it. */
type Output = { readonly kind: 'yielded' | 'whole'; readonly receiver: StreamReceiver };

export class CallStreams {
  readonly #inputs: readonly FoundStream[];
  readonly #output: Output;
  /** Resolves when the worker is done with the call. */
  readonly over: Promise<void>;
  /** Gives the call up, once it waits. */
  giveUp: (reason: unknown) => void = () => {};
  #onOver: () => void = () => {};
  #ways: Ways | undefined;
  #senders: OutgoingStreams | undefined;
  /** Those in the result. */
  #results: IncomingStreams | undefined;
  #end: StreamsEnd | undefined;

  /**
   * @param inputs those in the arguments
   * @param yielded reads the result, where that is to be a stream
   */
  constructor(inputs: readonly FoundStream[], yielded: StreamReceiver | undefined) {
    this.#inputs = inputs;
    this.#output =
      yielded === undefined ? { kind: 'whole', receiver: new StreamReceiver(0) } : { kind: 'yielded', receiver: yielded };
    this.over = new Promise((resolve) => {
      this.#onOver = resolve;
    });
  }

  get hasInputs(): boolean {
    return this.#inputs.length > 0;
  }

  get yields(): boolean {
    return this.#output.kind === 'yielded';
  }

  /** The call runs. */
  begin(ways: Ways): void {
    if (this.#end !== undefined) return;
    const { send, decode, give } = ways;
    this.#ways = ways;
    const { kind, receiver } = this.#output;
    receiver.connect({ send, decode: kind === 'yielded' ? decode : (bytes) => decode(bytes, (...one) => this.#open(...one)) });
    const encode = (value: unknown, path: string): EncodedValue => {
      const encoded = encodeExplained(value, path, { shares: give !== undefined });
      if (encoded.parcel !== undefined) give?.(encoded.parcel);
      return encoded;
    };
    this.#senders = new OutgoingStreams(this.#inputs, { send, encode });
    void this.#senders.pump();
  }

  #open(stream: number, isReadable: boolean): object {
    const ways = this.#ways;
    if (ways === undefined) throw new RangeError('a stream of a call that did not begin');
    this.#results ??= new IncomingStreams({ ...ways, next: (receiver) => this.#next(receiver) });
    return this.#results.open(stream, isReadable);
  }

  /** Async, so that V8 knows who awaits it when it comes to an error. */
  async #next(receiver: StreamReceiver): Promise<IteratorResult<unknown>> {
    try {
      return await receiver.next();
    } catch (error) {
      // The reason of a signal is the caller's own.
      if (this.#end?.kind !== 'cancelled') joinStack(error);
      throw error;
    }
  }

  /**
   * @returns false when the worker may not say this
   * @throws ProtocolError when it is no word, or no value
   */
  receive(bytes: Buffer): boolean {
    const word = decodeWord(bytes);
    if (word.kind === 'credit' || word.kind === 'cancelled') return this.#senders?.receive(word) === true;
    // It may not have heard of the end yet.
    if (this.#end !== undefined) return true;
    if (word.stream !== 0) return this.#results?.receive(word) === true;
    if (word.kind !== 'piece' && word.kind !== 'value') return false;
    const { kind, receiver } = this.#output;
    if (!receiver.receive(word.bytes, word.kind === 'value')) return false;
    if (kind === 'yielded' || word.kind === 'piece') return true;
    const whole = receiver.take();
    receiver.end();
    if (whole !== undefined) this.#ways?.answer(whole.value);
    return true;
  }

  /** Whether the worker may say that it is done with them. */
  get areRead(): boolean {
    return this.#results?.areOver !== false;
  }

  /** Nobody reads the arguments any more, and nothing comes for the result. */
  end(end: StreamsEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (this.#senders !== undefined) this.#senders.stop();
    else for (const { source } of this.#inputs) endSource(source);
    if (end.kind !== 'completed') this.#results?.fail(end.error, end.kind === 'cancelled');
  }

  /** The worker is done with the call, or gone. */
  close(): void {
    this.#onOver();
  }
}
