/**
 * One call of a function inside a worker: takes the arguments as they come, calls, and says what came of it. Nothing that the function
 * returns or throws can hurt the channel: what can't cross becomes the error of the call.
 */
import { performance } from 'node:perf_hooks';
import { isAsyncIterable } from '../channel/crossing.ts';
import { MAX_BODY_FRAME_BYTES, MAX_PAYLOAD_BYTES } from '../channel/frame.ts';
import type { Link } from '../channel/link.ts';
import type { FromWorker, StartCall, ToWorker } from '../channel/messages.ts';
import { encodeThrown } from '../channel/thrown.ts';
import { decodeValue, type EncodedValue } from '../channel/value.ts';
import { ReceiveWindow, SendWindow } from '../channel/window.ts';
import { callError, encodeOrExplain } from './call-error.ts';
import type { CallStreams } from './call-streams.ts';
import { asGivenResult } from './given-result.ts';
import type { FunctionsModule } from './load-functions.ts';
import { type CallContext, workerState } from './worker-state.ts';

/** Nobody reads the last word about a call that was cancelled. */
const NO_VALUE = Buffer.alloc(1);
const NOTHING = Buffer.alloc(0);

/** The windows of all streams that a call can have hold fewer. */
const MOST_EARLY_WORDS = 20_000;

type AnyFunction = (...args: unknown[]) => unknown;

type LastWord = 'CallReturned' | 'CallThrew';

export class Call {
  readonly #id: number;
  readonly #name: string;
  readonly #link: Link<ToWorker, FromWorker>;
  readonly #onDone: () => void;
  readonly #module: FunctionsModule;
  /** Only of a large result. */
  #sending: SendWindow | undefined;
  /** Only of large arguments. */
  #received: { readonly window: ReceiveWindow; readonly pieces: Buffer[] } | undefined;
  #onArguments: ((bytes: Buffer) => void) | undefined;
  #streams: CallStreams | undefined;
  /** That came while the code for streams was loaded. */
  #earlyWords: Buffer[] | undefined;
  #abort: AbortController | undefined;
  #cancelled = false;
  #isOver = false;
  readonly #beganMs = performance.now();

  constructor({ task, name }: StartCall, module: FunctionsModule, link: Link<ToWorker, FromWorker>, onDone: () => void) {
    this.#id = task;
    this.#name = name;
    this.#module = module;
    this.#link = link;
    this.#onDone = onDone;
  }

  async run({ streamed, streams, bytes }: StartCall): Promise<void> {
    try {
      const args = decodeValue(streamed ? await this.#arguments() : bytes, this.#link.handed) as unknown[];
      const call = this.#module.find(this.#name);
      const { calls } = workerState();
      const begin = streams ? await this.#openStreams(call, args) : call;
      const outcome = calls === undefined ? begin(...args) : calls.run(this.#context(), () => begin(...args));
      // One that returns no promise is over now.
      this.#return(isThenable(outcome) ? await outcome : outcome);
    } catch (thrown) {
      this.#throw(thrown);
    }
  }

  /**
   * Puts streams among the arguments. Only a worker whose functions stream loads what that needs.
   *
   * @returns what is to be called in place of the function
   */
  async #openStreams(call: AnyFunction, args: unknown[]): Promise<AnyFunction> {
    const { CallStreams } = await import('./call-streams.ts');
    const streams = (this.#streams = new CallStreams({
      send: (word) => this.#link.send({ type: 'Stream', task: this.#id, bytes: word }),
      encode: (value, path) => this.#encode(value, path),
      decode: (bytes) => decodeValue(bytes, this.#link.handed),
    }));
    const begin = streams.open(args, call, this.#name);
    for (const word of this.#earlyWords?.splice(0) ?? []) streams.receive(word);
    if (this.#cancelled) throw nobodyWaits();
    return begin;
  }

  #arguments(): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#onArguments = resolve;
    });
  }

  /** @returns false when the primary sent more than was allowed */
  receiveBody(bytes: Buffer): boolean {
    this.#received ??= { window: new ReceiveWindow(), pieces: [] };
    const { window, pieces } = this.#received;
    pieces.push(bytes);
    const kept = window.receive(bytes.length);
    const credit = window.consume(bytes.length);
    if (credit > 0) this.#link.send({ type: 'Credit', task: this.#id, bytes: credit });
    return kept;
  }

  endBody(): void {
    const resolve = this.#onArguments;
    this.#onArguments = undefined;
    resolve?.(Buffer.concat(this.#received?.pieces.splice(0) ?? []));
  }

  addCredit(bytes: number): void {
    this.#sending?.add(bytes);
  }

  /** @returns false when the primary sent more than was allowed */
  receiveStream(word: Buffer): boolean {
    if (this.#streams !== undefined) return this.#streams.receive(word);
    this.#earlyWords ??= [];
    return this.#earlyWords.push(word) <= MOST_EARLY_WORDS;
  }

  /** Nobody waits for it. A function that does not listen goes on, and its worker is ended soon. */
  cancel(): void {
    this.#cancelled = true;
    this.#abort?.abort(nobodyWaits());
    this.#streams?.cancel(nobodyWaits());
    if (this.#onArguments === undefined) return;
    // The rest of the arguments will not come, and it is never called.
    this.#onArguments = undefined;
    this.#isOver = true;
    this.#end('CallThrew', NO_VALUE);
  }

  #context(): CallContext {
    const abort = (this.#abort = new AbortController());
    if (this.#cancelled) abort.abort(nobodyWaits());
    return { signal: abort.signal, report: (value) => this.#report(value) };
  }

  #report(value: unknown): void {
    if (this.#isOver) return;
    const { pieces, byteLength } = this.#encode(value, 'report');
    if (byteLength > MAX_PAYLOAD_BYTES) {
      const message = `report: found a value of ${byteLength} bytes, expected at most ${MAX_PAYLOAD_BYTES}: report less`;
      throw callError('ERR_TOO_LARGE', 'handler', message);
    }
    this.#link.send({ type: 'CallReported', task: this.#id, bytes: Buffer.concat(pieces) });
  }

  #return(result: unknown): void {
    if (isAsyncIterable(result)) {
      const message = `result: found a stream, expected a value: call ${this.#name} by pool.stream`;
      throw callError('ERR_NOT_CLONEABLE', 'handler', message);
    }
    this.#say('CallReturned', this.#encode(result, 'result'));
  }

  /** Gives away what the function said it gives up; and hands over what only a thread can be handed, before the value is sent. */
  #encode(value: unknown, name: string): EncodedValue {
    const { handed } = this.#link;
    const given = asGivenResult(value);
    const encoded = encodeOrExplain(given === undefined ? value : given.value, name, new Set(given?.given), handed !== undefined);
    if (encoded.parcel !== undefined) handed?.give(this.#id, encoded.parcel);
    return encoded;
  }

  get #micros(): number {
    return (performance.now() - this.#beganMs) * 1000;
  }

  #throw(thrown: unknown): void {
    if (this.#isOver) return;
    this.#say('CallThrew', encodeThrown(thrown));
  }

  #say(type: LastWord, { pieces, byteLength }: EncodedValue): void {
    this.#isOver = true;
    this.#streams?.close();
    if (this.#cancelled) this.#end(type, NO_VALUE);
    else if (byteLength > MAX_BODY_FRAME_BYTES) this.#sayLarge(type, pieces, byteLength);
    else this.#end(type, pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
  }

  #sayLarge(type: LastWord, pieces: EncodedValue['pieces'], byteLength: number): void {
    if (this.#link.sendLarge({ type, task: this.#id, micros: this.#micros, bytes: NOTHING }, pieces, byteLength)) this.#onDone();
    else void this.#stream(type, pieces);
  }

  /** Piece by piece, as the primary allows. */
  async #stream(type: LastWord, pieces: EncodedValue['pieces']): Promise<void> {
    const sending = (this.#sending = new SendWindow());
    for (const piece of pieces) {
      for (let offset = 0; offset < piece.byteLength && !this.#cancelled; offset += MAX_BODY_FRAME_BYTES) {
        const bytes = Buffer.from(
          piece.buffer,
          piece.byteOffset + offset,
          Math.min(MAX_BODY_FRAME_BYTES, piece.byteLength - offset),
        );
        if (!sending.isOpen) await opens(sending);
        sending.spend(bytes.length);
        this.#link.send({ type: 'Body', task: this.#id, bytes });
      }
    }
    this.#end(type, this.#cancelled ? NO_VALUE : NOTHING);
  }

  #end(type: LastWord, bytes: Buffer): void {
    this.#link.send({ type, task: this.#id, micros: this.#micros, bytes });
    this.#link.handed?.forget(this.#id);
    this.#onDone();
  }
}

function opens(window: SendWindow): Promise<void> {
  return new Promise((resolve) => {
    window.onceOpen(resolve);
  });
}

function nobodyWaits(): DOMException {
  return new DOMException('nobody waits for this call any more', 'AbortError');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
