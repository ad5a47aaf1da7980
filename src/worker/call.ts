/**
 * One call of a function inside a worker: takes the arguments as they come, calls, and says what came of it. Nothing that the function
 * returns or throws can hurt the channel: what can't cross becomes the error of the call.
 */
import { performance } from 'node:perf_hooks';
import { type FoundStream, isAsyncIterable } from '../channel/crossing.ts';
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
const NO_RESULT = { pieces: [NO_VALUE], byteLength: NO_VALUE.length };

/** The windows of all streams that a call can have hold fewer. */
const MOST_EARLY_WORDS = 20_000;

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
  #context: CallContext | undefined;
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

  async run({ streamed, streams: hasStreams, yields, bytes }: StartCall): Promise<void> {
    try {
      const value = streamed ? await this.#arguments() : bytes;
      const streams = hasStreams || yields ? await this.#loadStreams() : undefined;
      const args = decodeValue(value, this.#link.handed, streams && ((...one) => streams.openInput(...one))) as unknown[];
      for (const word of this.#earlyWords?.splice(0) ?? []) streams?.receive(word);
      const call = this.#module.find(this.#name);
      if (streams !== undefined && this.#cancelled) throw nobodyWaits();
      const begin = streams !== undefined && yields ? streams.yielding(call, this.#name) : call;
      const outcome = this.#within(() => begin(...args));
      // One that returns no promise is over now.
      const rest = this.#return(isThenable(outcome) ? await outcome : outcome);
      if (rest !== undefined) await rest;
    } catch (thrown) {
      this.#throw(thrown);
    }
  }

  /** Only a worker whose functions stream loads what that needs. */
  async #loadStreams(): Promise<CallStreams> {
    const { CallStreams } = await import('./call-streams.ts');
    return (this.#streams ??= new CallStreams({
      send: (word) => this.#link.send({ type: 'Stream', task: this.#id, bytes: word }),
      encode: (value, path) => this.#encode(value, path),
      decode: (bytes) => decodeValue(bytes, this.#link.handed),
    }));
  }

  /** Where it can ask for what belongs to its call. */
  #within<T>(work: () => T): T {
    const { calls } = workerState();
    if (calls === undefined) return work();
    this.#context ??= this.#newContext();
    return calls.run(this.#context, work);
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

  #newContext(): CallContext {
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

  /** @returns what there is to wait for, when streams follow the result */
  #return(result: unknown): Promise<void> | undefined {
    if (isAsyncIterable(result)) {
      const message = `result: found a stream, expected a value: call ${this.#name} by pool.stream`;
      throw callError('ERR_NOT_CLONEABLE', 'handler', message);
    }
    const found: FoundStream[] = [];
    const encoded = this.#encode(result, 'result', found);
    if (found.length > 0) return this.#within(() => this.#returnStreams(encoded, found));
    this.#say('CallReturned', encoded);
    return undefined;
  }

  /** The call is over when the last of them is. */
  async #returnStreams(result: EncodedValue, found: readonly FoundStream[]): Promise<void> {
    const streams = await this.#loadStreams();
    if (this.#cancelled) streams.cancel(nobodyWaits());
    await streams.sendResult(result, found);
    this.#say('CallReturned', NO_RESULT);
  }

  /** Gives away what the function said it gives up; and hands over what only a thread can be handed, before the value is sent. */
  #encode(value: unknown, name: string, streams?: FoundStream[]): EncodedValue {
    const { handed } = this.#link;
    const given = asGivenResult(value);
    const plain = given === undefined ? value : given.value;
    const encoded = encodeOrExplain(
      plain,
      name,
      given === undefined ? undefined : new Set(given.given),
      handed !== undefined,
      streams,
    );
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
