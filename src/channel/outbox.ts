import { setImmediate } from 'node:timers';
import { HEADER_BYTES, writeHeader } from './frame.ts';
import type { Transport } from './transport.ts';

/** Payloads up to this size are copied into the shared write; larger ones are passed on by reference. */
const COPY_LIMIT_BYTES = 16 * 1024;

interface OutgoingFrame {
  readonly type: number;
  readonly task: number;
  readonly payload: Buffer;
}

/**
 * Gathers the frames of one turn of the event loop into one write: on a channel of small frames the system call is the
 * cost, not the bytes. `setImmediate` runs right after the I/O events of the same turn, so nothing waits for longer.
 */
export class Outbox {
  readonly #transport: Transport;
  #frames: OutgoingFrame[] = [];
  #gatheredBytes = 0;
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
    return this.#gatheredBytes + this.#transport.bufferedBytes;
  }

  add(type: number, task: number, payload: Buffer): void {
    this.#frames.push({ type, task, payload });
    this.#gatheredBytes += HEADER_BYTES + payload.length;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#flushLater);
    }
  }

  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.#gatheredBytes = 0;
    let first = 0;
    while (first < frames.length) first = this.#writeRun(frames, first);
  }

  /** Writes frames from `first` on, up to and including the first large one; returns where the next run starts. */
  #writeRun(frames: readonly OutgoingFrame[], first: number): number {
    let bytes = 0;
    let next = first;
    let large: Buffer | undefined;
    while (next < frames.length && large === undefined) {
      const payload = (frames[next] as OutgoingFrame).payload;
      bytes += HEADER_BYTES;
      if (payload.length > COPY_LIMIT_BYTES) large = payload;
      else bytes += payload.length;
      next += 1;
    }
    const run = Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (let index = first; index < next; index += 1) {
      const { type, task, payload } = frames[index] as OutgoingFrame;
      writeHeader(run, offset, type, task, payload.length);
      offset += HEADER_BYTES;
      if (payload !== large) {
        run.set(payload, offset);
        offset += payload.length;
      }
    }
    this.#transport.write(run);
    if (large !== undefined) this.#transport.write(large);
    return next;
  }
}
