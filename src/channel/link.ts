import { CODE, encode, type Message } from './codec.ts';
import { FrameDecoder, ProtocolError, STORED, TAKEN } from './frame.ts';
import type { Handed } from './handed.ts';
import type { JournalWriter, Kept } from './journal.ts';
import { Outbox } from './outbox.ts';
import type { SideWay } from './side-way.ts';
import type { Transport } from './transport.ts';

/** Bytes that may wait for a peer that does not read. The windows keep honest traffic far below; more means a hang. */
const OUTBOX_LIMIT_BYTES = 16 * 1024 * 1024;
/** Many tunnels may have much to say at once, and wait from here on. */
const ROOM_BYTES = OUTBOX_LIMIT_BYTES / 4;

const NOTHING = Buffer.alloc(0);

type Decode<In> = (code: number, task: number, payload: Buffer) => In;

/** What a link tells its owner. `onClose` is called once and last; its error is set when the peer broke the protocol. */
export interface LinkEvents<In> {
  onMessage(message: In): void;
  /** Around the messages that arrived together. */
  onBurst?(): void;
  onBurstEnd?(): void;
  /** The other end has begun this task and has not said so yet: only its journal tells. */
  onBegun?(task: number): void;
  onClose(error: ProtocolError | undefined): void;
}

/**
 * One end of a channel between the primary and a worker: messages in, messages out, over any transport. A peer that sends
 * garbage, or that lets more than `OUTBOX_LIMIT_BYTES` pile up, loses the link at once.
 */
export class Link<In, Out extends Message> {
  readonly #transport: Transport;
  readonly #outbox: Outbox;
  readonly #events: LinkEvents<In>;
  readonly #decoder: FrameDecoder;
  #sideWay: SideWay | undefined;
  #journal: ((received: number) => Kept) | undefined;
  /** Bytes that were taken, modulo 2 ** 32, and how many of them came from the journal and are still to come through the transport. */
  #received = 0;
  #early = 0;
  /** The last task of which only the journal told that it has begun. */
  #begun = 0;
  #failure: ProtocolError | undefined;
  /** `ending` still reads: the peer may have been in the middle of a word. */
  #state: 'open' | 'ending' | 'closed' = 'open';

  constructor(transport: Transport, decode: Decode<In>, events: LinkEvents<In>) {
    this.#transport = transport;
    this.#outbox = new Outbox(transport);
    this.#events = events;
    this.#decoder = new FrameDecoder((code, task, payload) => {
      if (this.#state === 'closed') return;
      if (code === TAKEN) this.#way().freed(task);
      else events.onMessage(code < STORED ? decode(code, task, payload) : this.#take(code - STORED, task, payload, decode));
    }, transport.lends);
    transport.listen(
      (bytes) => {
        if (this.#state !== 'closed') this.#receive(bytes);
      },
      () => {
        this.catchUp();
        this.#state = 'closed';
        events.onClose(this.#failure);
      },
    );
  }

  /** Only between threads. */
  get handed(): Handed | undefined {
    return this.#transport.handed;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Whether one that can wait should send more. */
  get hasRoom(): boolean {
    return this.#outbox.pendingBytes < ROOM_BYTES;
  }

  /** Queues a message for the write at the end of this turn of the event loop. After `end`, or the close, it does nothing. */
  send(message: Out): void {
    if (this.#state !== 'open') return;
    const { code, task, payload } = encode(message);
    this.#outbox.add(code, task, payload);
    if (this.#outbox.pendingBytes > OUTBOX_LIMIT_BYTES) {
      this.#fail(new ProtocolError(`${this.#outbox.pendingBytes} bytes wait for a peer that does not read`));
    }
  }

  #receive(bytes: Buffer): void {
    const known = Math.min(this.#early, bytes.length);
    this.#early -= known;
    if (known < bytes.length) this.#push([known === 0 ? bytes : bytes.subarray(known)], 0);
  }

  /** Takes bytes that are new, and then the word that a task has begun. */
  #push(pieces: readonly Buffer[], begun: number): void {
    this.#events.onBurst?.();
    try {
      for (const bytes of pieces) {
        this.#received = (this.#received + bytes.length) >>> 0;
        this.#decoder.push(bytes);
      }
      if (begun > 0 && this.#state !== 'closed') this.#events.onBegun?.(begun);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail(error);
    } finally {
      this.#events.onBurstEnd?.();
    }
  }

  /** Takes what the other end has said and kept in its journal: it may compute for long before it sends that, or may be gone. */
  catchUp(): void {
    if (this.#journal === undefined || this.#state === 'closed') return;
    const { bytes, begun } = this.#journal(this.#received);
    if (bytes.length === 0 && begun === this.#begun) return;
    this.#begun = begun;
    for (const { length } of bytes) this.#early += length;
    this.#push(bytes, begun);
  }

  /** From now on `catchUp` finds what the other end keeps. */
  follow(journal: (received: number) => Kept): void {
    this.#journal = journal;
  }

  /** From now on what was sent can be kept. */
  use(journal: JournalWriter): void {
    this.#outbox.use(journal);
  }

  /**
   * Before a task begins here: has what was sent so far kept, and with it the word that the task has begun.
   *
   * @returns false where that can not be: then it has to be sent
   */
  keep(begun: number): boolean {
    return this.#state === 'open' && this.#outbox.keep(begun);
  }

  /** From now on large values may take the side way; the other end is told to use it too by other means. */
  share(sideWay: SideWay): void {
    this.#sideWay = sideWay;
  }

  /**
   * Sends a message whose `bytes` are these pieces, by the side way.
   *
   * @returns false where there is none, or no room in it: then nothing was sent
   */
  sendLarge(message: Out & { readonly bytes: unknown }, pieces: readonly Uint8Array[], byteLength: number): boolean {
    if (this.#state !== 'open' || this.#sideWay === undefined) return false;
    const { code, task, payload } = encode(message);
    const word = this.#sideWay.store(pieces, byteLength, payload);
    if (word === undefined) return false;
    this.#outbox.add(code | STORED, task, word);
    return true;
  }

  #take(code: number, task: number, word: Buffer, decode: Decode<In>): In {
    const { region, bytes, payload } = code === CODE.Body ? this.#way().takePart(word) : this.#way().take(word);
    this.#outbox.add(TAKEN, region, NOTHING);
    return { ...decode(code, task, payload), bytes };
  }

  #way(): SideWay {
    if (this.#sideWay === undefined) throw new ProtocolError('word of a stored value, and no memory is shared');
    return this.#sideWay;
  }

  /** Writes now what was sent, for a sender that is about to compute or to exit. */
  flush(): void {
    if (this.#state === 'open') this.#outbox.flush();
  }

  /** Calls back when the system has everything that was sent: at once where it does already, and not at all when the link closes. */
  whenTaken(callback: () => void): void {
    this.flush();
    if (this.#state !== 'open') return;
    if (this.#outbox.pendingBytes === 0) callback();
    else this.#transport.afterWrites(callback);
  }

  /** Sends what is queued, then closes. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#outbox.flush();
    this.#state = 'ending';
    this.#transport.end();
  }

  /** Closes at once: nothing more is read, and what waits to be written is lost. */
  destroy(): void {
    this.#state = 'closed';
    this.#transport.destroy();
  }

  #fail(error: ProtocolError): void {
    if (this.#state === 'closed') return;
    this.#failure = error;
    this.destroy();
  }
}
