/**
 * One call on the primary's side: the promise of its caller, its arguments on their way to a worker, and what came back. It decides
 * nothing, and is settled once.
 */
import { performance } from 'node:perf_hooks';
import { MAX_BODY_FRAME_BYTES, ProtocolError } from '../channel/frame.ts';
import type { Handed } from '../channel/handed.ts';
import type { FromWorker, StartCall, ToWorker, ValueBytes } from '../channel/messages.ts';
import { type ErrorClasses, reviveThrown } from '../channel/revive.ts';
import { decodeValue, type EncodedValue } from '../channel/value.ts';
import { ReceiveWindow, SendWindow } from '../channel/window.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { TaskFacts } from '../scheduler/types.ts';
import type { CallStreams } from './call-streams.ts';

export type TaskMessage = Exclude<Extract<FromWorker, { task: number }>, { type: 'TaskStarted' | 'TaskSkipped' }>;

/** What a call needs of its worker. */
export interface CallWorker {
  /** Only of a thread. */
  readonly handed: Handed | undefined;
  send(message: ToWorker): void;
  /** As `Link.sendLarge`. */
  sendLarge(message: StartCall, pieces: readonly Uint8Array[], byteLength: number): boolean;
}

/** Where a call was sent. */
interface Sent<Worker> {
  readonly worker: Worker;
  readonly slot: number;
  /** Only of large arguments. */
  readonly sending: SendWindow | undefined;
  /** Only of a large answer. */
  answer: { readonly window: ReceiveWindow; readonly pieces: Buffer[] } | undefined;
  begun: boolean;
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
  readonly streams: CallStreams | undefined;
}

/** They take the side way, or follow piece by piece when the worker begins. */
export function isLarge(args: EncodedValue): boolean {
  return args.byteLength > MAX_BODY_FRAME_BYTES;
}

export class CallTask<Worker extends CallWorker> implements EndedCall {
  readonly id: number;
  readonly name: string;
  readonly facts: TaskFacts;
  readonly arrivedMs: number;
  startedMs: number | undefined;
  readonly #parts: CallParts;
  #sent: Sent<Worker> | undefined;
  #end: CallEnd | undefined;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.name = parts.name;
    this.facts = parts.facts;
    this.arrivedMs = parts.nowMs;
  }

  get end(): CallEnd | undefined {
    return this.#end;
  }

  get worker(): Worker | undefined {
    return this.#sent?.worker;
  }

  get slot(): number | undefined {
    return this.#sent?.slot;
  }

  get streams(): CallStreams | undefined {
    return this.#parts.streams;
  }

  get isBegun(): boolean {
    return this.#sent?.begun === true;
  }

  send(worker: Worker, slot: number, ahead: boolean): void {
    const { id, name, args, streams } = this.#parts;
    const { pieces, byteLength } = args;
    this.#sent = { worker, slot, sending: undefined, answer: undefined, begun: false };
    this.#hand(worker.handed);
    const told = { task: id, slot, ahead, streams: streams !== undefined, name };
    const start = { type: 'StartCall', ...told, streamed: false, bytes: NOTHING } as const;
    if (!isLarge(args)) worker.send({ ...start, bytes: pieces as readonly Buffer[] });
    else if (!worker.sendLarge(start, pieces, byteLength)) {
      this.#sent = { ...this.#sent, sending: new SendWindow() };
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
    const sent = this.#sent;
    if (sent === undefined) return;
    sent.begun = true;
    this.startedMs = nowMs;
    if (sent.sending !== undefined) void this.#stream(sent, sent.sending);
    const { handed } = sent.worker;
    this.streams?.begin({
      send: (bytes) => sent.worker.send({ type: 'Stream', task: this.id, bytes }),
      give: handed === undefined ? undefined : (parcel) => handed.give(this.id, parcel),
      decode: (bytes) => decodeValue(bytes, handed),
    });
  }

  /** Its worker is done with it. It may not have said before that it had begun it. */
  hasRun(ms: number): void {
    if (this.#sent?.begun !== false) return;
    this.#sent.begun = true;
    this.startedMs = Math.max(this.arrivedMs, performance.now() - ms);
  }

  async #stream(sent: Sent<Worker>, sending: SendWindow): Promise<void> {
    const { worker } = sent;
    for (const piece of this.#parts.args.pieces) {
      for (let offset = 0; offset < piece.byteLength; offset += MAX_BODY_FRAME_BYTES) {
        if (!sending.isOpen) await new Promise<void>((resolve) => sending.onceOpen(resolve));
        if (this.#sent !== sent || this.#end !== undefined) return;
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
    this.#sent = undefined;
    this.startedMs = undefined;
  }

  /** @returns false when the worker may not say this */
  receive(message: TaskMessage): 'goesOn' | 'ended' | 'protocolBroken' {
    const sent = this.#sent;
    if (sent?.begun !== true) return 'protocolBroken';
    try {
      switch (message.type) {
        case 'Body':
          return this.#receivePiece(sent, message.bytes);
        case 'Credit':
          sent.sending?.add(message.bytes);
          return 'goesOn';
        case 'Stream':
          return this.streams?.receive(message.bytes) === true ? 'goesOn' : 'protocolBroken';
        case 'CallReported':
          if (this.#end === undefined) this.#report(decodeValue(message.bytes, sent.worker.handed));
          return 'goesOn';
        case 'CallReturned':
          if (this.#end === undefined)
            this.#settle('completed', this.#parts.resolve, decodeValue(this.#whole(sent, message.bytes), sent.worker.handed));
          return 'ended';
        case 'CallThrew': {
          if (this.#end !== undefined) return 'ended';
          const thrown = decodeValue(this.#whole(sent, message.bytes));
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

  /** Out of the way of the channel: what a listener throws must not cost others their answers. It is called before the result is seen. */
  #report(value: unknown): void {
    const { onReport } = this.#parts;
    if (onReport !== undefined) queueMicrotask(() => onReport(value));
  }

  /** The worker is held up by nothing: what nobody waits for any more is dropped. */
  #receivePiece(sent: Sent<Worker>, bytes: Buffer): 'goesOn' | 'protocolBroken' {
    sent.answer ??= { window: new ReceiveWindow(), pieces: [] };
    const { window, pieces } = sent.answer;
    if (!window.receive(bytes.length)) return 'protocolBroken';
    if (this.#end === undefined) pieces.push(bytes);
    const credit = window.consume(bytes.length);
    if (credit > 0) sent.worker.send({ type: 'Credit', task: this.id, bytes: credit });
    return 'goesOn';
  }

  /** A large answer came in pieces before, or took the side way. */
  #whole(sent: Sent<Worker>, last: ValueBytes): ValueBytes {
    return sent.answer === undefined ? last : Buffer.concat(sent.answer.pieces.splice(0));
  }

  fail(error: unknown, end: CallEnd = 'failed'): void {
    if (this.#end === undefined) this.#settle(end, this.#parts.reject, error);
  }

  #settle(end: CallEnd, tell: (outcome: unknown) => void, outcome: unknown): void {
    this.#end = end;
    this.streams?.end();
    tell(outcome);
  }
}

const NOTHING = Buffer.alloc(0);
