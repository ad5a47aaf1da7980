/**
 * One call on the primary's side: the promise of its caller, its arguments on their way to a worker, and what came back. It decides
 * nothing, and is settled once.
 */
import { MAX_BODY_FRAME_BYTES, ProtocolError } from '../channel/frame.ts';
import type { Handed } from '../channel/handed.ts';
import type { FromWorker, StartCall, ToWorker, ValueBytes } from '../channel/messages.ts';
import { type ErrorClasses, reviveThrown } from '../channel/revive.ts';
import { decodeValue, type EncodedValue } from '../channel/value.ts';
import { ReceiveWindow, SendWindow } from '../channel/window.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { TaskFacts } from '../scheduler/types.ts';
import type { AbortListener } from './abort-listener.ts';
import { CallStreams } from './call-streams.ts';

export type TaskMessage = Exclude<Extract<FromWorker, { task: number }>, { type: 'TaskStarted' | 'TaskSkipped' }>;

/** What a call needs of its worker. */
export interface CallWorker {
  /** Only of a thread. */
  readonly handed: Handed | undefined;
  send(message: ToWorker): void;
  /** As `Link.sendLarge`. */
  sendLarge(message: StartCall, pieces: readonly Uint8Array[], byteLength: number): boolean;
}

export interface CallParts {
  readonly id: number;
  readonly name: string;
  readonly args: EncodedValue;
  /** Only of a call that has some. */
  readonly streams: CallStreams | undefined;
  readonly facts: TaskFacts;
  readonly errors: ErrorClasses;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly abort: AbortListener | undefined;
  readonly onReport: ((value: unknown) => void) | undefined;
  readonly nowMs: number;
}

/** How a call ended, for who counts. */
export type CallEnd = 'completed' | 'failed' | 'cancelled';

/** A call that is settled, and done with. */
export interface EndedCall {
  readonly name: string;
  readonly end: CallEnd | undefined;
  readonly arrivedMs: number;
  /** Undefined for one that never began. */
  readonly startedMs: number | undefined;
  /** Undefined for one of which its worker has not said so. */
  readonly endedMs: number | undefined;
  readonly streams: CallStreams | undefined;
}

/** They take the side way, or follow piece by piece when the worker begins. */
export function isLarge(args: EncodedValue): boolean {
  return args.byteLength > MAX_BODY_FRAME_BYTES;
}

/** Only of a large answer. */
interface Answer {
  readonly window: ReceiveWindow;
  readonly pieces: Buffer[];
}

export class CallTask<Worker extends CallWorker> implements EndedCall {
  readonly #parts: CallParts;
  startedMs: number | undefined;
  endedMs: number | undefined;
  /** Where it was sent, and how far it is there. */
  #worker: Worker | undefined;
  #slot = 0;
  #begun = false;
  /** Only of large arguments. */
  #sending: SendWindow | undefined;
  #answer: Answer | undefined;
  /** Those that it began with, or, from the result on, those in that. */
  #streams: CallStreams | undefined;
  /** Its promise is resolved, and streams in the result go on. */
  #answered = false;
  #end: CallEnd | undefined;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.#streams = parts.streams;
  }

  get id(): number {
    return this.#parts.id;
  }

  get name(): string {
    return this.#parts.name;
  }

  get facts(): TaskFacts {
    return this.#parts.facts;
  }

  get arrivedMs(): number {
    return this.#parts.nowMs;
  }

  get end(): CallEnd | undefined {
    return this.#end;
  }

  get worker(): Worker | undefined {
    return this.#worker;
  }

  /** Of its worker. */
  get slot(): number {
    return this.#slot;
  }

  get streams(): CallStreams | undefined {
    return this.#streams;
  }

  /** What has been answered is not run again. */
  get isAnswered(): boolean {
    return this.#answered;
  }

  get isBegun(): boolean {
    return this.#begun;
  }

  send(worker: Worker, slot: number, ahead: boolean): void {
    const { id, name, args, streams } = this.#parts;
    const { pieces, byteLength } = args;
    this.#worker = worker;
    this.#slot = slot;
    this.#hand(worker.handed);
    const start: StartCall = {
      type: 'StartCall',
      task: id,
      slot,
      ahead,
      streamed: false,
      streams: streams?.hasInputs === true,
      yields: streams?.yields === true,
      name,
      bytes: isLarge(args) ? NOTHING : (pieces as readonly Buffer[]),
    };
    if (!isLarge(args)) worker.send(start);
    else if (!worker.sendLarge(start, pieces, byteLength)) {
      this.#sending = new SendWindow();
      worker.send({ ...start, streamed: true });
    }
  }

  #hand(handed: Handed | undefined): void {
    const { parcel } = this.#parts.args;
    if (parcel === undefined) return;
    try {
      handed?.give(this.id, parcel);
    } catch (error) {
      // A port can be given once. Its worker, which lacks it, says that the call is over.
      this.fail(new PreforkError('ERR_NOT_CLONEABLE', `args: ${messageOf(error)}`));
    }
  }

  begin(nowMs: number): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#begun = true;
    this.startedMs = nowMs;
    if (this.#sending !== undefined) void this.#stream(worker, this.#sending);
    this.#beginStreams(worker, this.#streams);
  }

  #beginStreams(worker: Worker, streams: CallStreams | undefined): void {
    streams?.begin({
      send: (bytes) => worker.send({ type: 'Stream', task: this.id, bytes }),
      give: worker.handed === undefined ? undefined : (parcel) => worker.handed?.give(this.id, parcel),
      decode: (bytes, openStream) => decodeValue(bytes, worker.handed, openStream),
      revive: (thrown) => reviveThrown(thrown, this.#parts.errors),
      answer: (result) => {
        this.#answered = true;
        this.#parts.resolve(result);
      },
    });
  }

  /** Its worker is done with it. It may not have said before that it had begun it. */
  hasRun(ms: number, nowMs: number): void {
    this.endedMs = nowMs;
    if (this.#begun) return;
    this.#begun = true;
    this.startedMs = Math.max(this.arrivedMs, nowMs - ms);
  }

  async #stream(worker: Worker, sending: SendWindow): Promise<void> {
    for (const piece of this.#parts.args.pieces) {
      for (let offset = 0; offset < piece.byteLength; offset += MAX_BODY_FRAME_BYTES) {
        if (!sending.isOpen) await new Promise<void>((resolve) => sending.onceOpen(resolve));
        // It ended, or was taken back.
        if (this.#sending !== sending || this.#end !== undefined) return;
        const length = Math.min(MAX_BODY_FRAME_BYTES, piece.byteLength - offset);
        const bytes = Buffer.from(piece.buffer as ArrayBuffer, piece.byteOffset + offset, length);
        sending.spend(length);
        worker.send({ type: 'Body', task: this.id, bytes });
      }
    }
    worker.send({ type: 'BodyEnd', task: this.id, trailers: [] });
  }

  /** It is not at a worker any more, and waits again. */
  takeBack(): void {
    this.#worker = undefined;
    this.#begun = false;
    this.#sending = undefined;
    this.#answer = undefined;
    this.#streams = this.#parts.streams;
    this.startedMs = undefined;
  }

  /** @returns false when the worker may not say this */
  receive(message: TaskMessage): 'goesOn' | 'ended' | 'protocolBroken' {
    const worker = this.#worker;
    if (worker === undefined || !this.#begun) return 'protocolBroken';
    try {
      switch (message.type) {
        case 'Body':
          return this.#receivePiece(worker, message.bytes);
        case 'Credit':
          this.#sending?.add(message.bytes);
          return 'goesOn';
        case 'Stream':
          return this.#receiveStream(worker, message.bytes) ? 'goesOn' : 'protocolBroken';
        case 'CallReported':
          if (this.#end === undefined) this.#report(decodeValue(message.bytes, worker.handed));
          return 'goesOn';
        case 'CallReturned':
          if (this.#end !== undefined) return 'ended';
          if (this.#streams?.areRead === false) return 'protocolBroken';
          if (this.#answered) this.#settle('completed', this.#parts.resolve, undefined);
          else this.#settle('completed', this.#parts.resolve, decodeValue(this.#whole(message.bytes), worker.handed));
          return 'ended';
        case 'CallThrew': {
          if (this.#end !== undefined) return 'ended';
          const thrown = decodeValue(this.#whole(message.bytes));
          this.#settle('failed', this.#parts.reject, reviveThrown(thrown, this.#parts.errors));
          return 'ended';
        }
        default:
          return 'protocolBroken';
      }
    } catch (error) {
      if (error instanceof ProtocolError) return 'protocolBroken';
      throw error;
    }
  }

  /** The worker of a call without streams begins to speak of them when there are some in its result. */
  #receiveStream(worker: Worker, bytes: Buffer): boolean {
    if (this.#streams === undefined) {
      if (this.#end !== undefined) return true;
      this.#streams = new CallStreams([], undefined);
      this.#beginStreams(worker, this.#streams);
    }
    return this.#streams.receive(bytes);
  }

  /** Out of the way of the channel: what a listener throws must not cost others their answers. It is called before the result is seen. */
  #report(value: unknown): void {
    const { onReport } = this.#parts;
    if (onReport !== undefined) queueMicrotask(() => onReport(value));
  }

  /** The worker is held up by nothing: what nobody waits for any more is dropped. */
  #receivePiece(worker: Worker, bytes: Buffer): 'goesOn' | 'protocolBroken' {
    this.#answer ??= { window: new ReceiveWindow(), pieces: [] };
    const { window, pieces } = this.#answer;
    if (!window.receive(bytes.length)) return 'protocolBroken';
    if (this.#end === undefined) pieces.push(bytes);
    const credit = window.consume(bytes.length);
    if (credit > 0) worker.send({ type: 'Credit', task: this.id, bytes: credit });
    return 'goesOn';
  }

  /** A large answer came in pieces before, or took the side way. */
  #whole(last: ValueBytes): ValueBytes {
    return this.#answer === undefined ? last : Buffer.concat(this.#answer.pieces.splice(0));
  }

  fail(error: unknown, end: CallEnd = 'failed'): void {
    if (this.#end === undefined) this.#settle(end, this.#parts.reject, error);
  }

  #settle(end: CallEnd, tell: (outcome: unknown) => void, outcome: unknown): void {
    this.#end = end;
    this.#parts.abort?.stop();
    this.#streams?.end(end === 'completed' ? { kind: end } : { kind: end, error: outcome });
    // Of one that is answered the promise is settled already.
    tell(outcome);
  }
}

const NOTHING = Buffer.alloc(0);
