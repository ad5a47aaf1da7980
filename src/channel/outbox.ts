import { HEADER_BYTES, writeHeader } from './frame.ts';
import type { JournalWriter } from './journal.ts';
import type { Transport } from './transport.ts';
import { atTurnEnd } from './turn-end.ts';

/** Payloads up to this size are copied into the shared write; larger ones are passed on by reference. */
const COPY_LIMIT_BYTES = 16 * 1024;
/** What is gathered for one write at most. Most links never say as much in one turn, and begin with a page of `FIRST_PAGE_BYTES`. */
const PAGE_BYTES = 64 * 1024;
const FIRST_PAGE_BYTES = 2 * 1024;

/**
 * Gathers the frames of one turn of the event loop into one write: on a channel of small frames the system call is the
 * cost, not the bytes.
 */
export class Outbox {
  readonly #transport: Transport;
  /** What is before the page: other pages, and large payloads as they came. */
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #journal: JournalWriter | undefined;
  #page: Buffer = Buffer.allocUnsafeSlow(FIRST_PAGE_BYTES);
  /** Of the page: what was gathered, and how much of that is in the journal. */
  #gatheredBytes = 0;
  #keptBytes = 0;
  /** Of the stream of bytes: where the page begins, modulo 2 ** 32. */
  #position = 0;
  #scheduled = false;
  readonly #flushLater = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Bytes handed to us or to the transport that the kernel has not taken yet. */
  get pendingBytes(): number {
    return this.#queuedBytes + this.#gatheredBytes + this.#transport.bufferedBytes;
  }

  /** From now on what was gathered can be kept (`keep`). */
  use(journal: JournalWriter): void {
    this.#journal = journal;
  }

  add(type: number, task: number, payload: Buffer): void {
    const { length } = payload;
    const isLarge = length > COPY_LIMIT_BYTES;
    this.#makeRoom(isLarge ? HEADER_BYTES : HEADER_BYTES + length);
    writeHeader(this.#page, this.#gatheredBytes, type, task, length);
    this.#gatheredBytes += HEADER_BYTES;
    if (isLarge) {
      this.#turnPage();
      this.#queue.push(payload);
      this.#queuedBytes += length;
    } else {
      this.#page.set(payload, this.#gatheredBytes);
      this.#gatheredBytes += length;
    }
    if (!this.#scheduled) {
      this.#scheduled = true;
      atTurnEnd(this.#flushLater);
    }
  }

  #makeRoom(bytes: number): void {
    if (this.#gatheredBytes + bytes > PAGE_BYTES) this.#turnPage();
    if (this.#gatheredBytes + bytes <= this.#page.length) return;
    const page = Buffer.allocUnsafeSlow(PAGE_BYTES);
    this.#page.copy(page, 0, 0, this.#gatheredBytes);
    this.#page = page;
  }

  #turnPage(): void {
    const rest = this.#page.subarray(this.#gatheredBytes);
    this.#queue.push(this.#page.subarray(0, this.#gatheredBytes));
    this.#queuedBytes += this.#gatheredBytes;
    this.#gatheredBytes = 0;
    this.#keptBytes = 0;
    this.#page = rest.length < FIRST_PAGE_BYTES ? Buffer.allocUnsafeSlow(FIRST_PAGE_BYTES) : rest;
  }

  /**
   * Makes sure that the other end can have all that was gathered so far whatever becomes of this process, and without a write that wakes it.
   *
   * @param begun the task that begins now, after all that was said; 0 for none
   * @returns false where that can't be done now
   */
  keep(begun: number): boolean {
    // What the journal has of bytes that the system has not taken must not be written over.
    if (this.#journal === undefined || this.#queuedBytes + this.#transport.bufferedBytes > 0) return false;
    const from = this.#keptBytes;
    // A record without a word would hide which task has begun.
    if (begun === 0 && from === this.#gatheredBytes) return true;
    if (!this.#journal.append((this.#position + from) >>> 0, begun, this.#page, from, this.#gatheredBytes)) return false;
    this.#keptBytes = this.#gatheredBytes;
    return true;
  }

  flush(): void {
    const bytes = this.#gatheredBytes;
    if (this.#queuedBytes + bytes === 0) return;
    this.#journal?.begin();
    if (this.#queuedBytes > 0) this.#writeQueue();
    if (bytes === 0) return;
    this.#gatheredBytes = 0;
    this.#keptBytes = 0;
    this.#write(this.#page.subarray(0, bytes));
    // A transport that has not passed it on yet holds on to the page.
    if (this.#transport.bufferedBytes > 0) this.#page = Buffer.allocUnsafeSlow(this.#page.length);
  }

  #writeQueue(): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const bytes of queue) this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    this.#position = (this.#position + bytes.length) >>> 0;
    this.#transport.write(bytes);
  }
}
