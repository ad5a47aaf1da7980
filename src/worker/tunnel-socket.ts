import type { RequestHead } from '../channel/messages.ts';
import { TaskSocket } from './task-socket.ts';

/** What a tunnel has to know of its socket. */
export interface TunnelSocketEvents {
  /** The reader wants more. */
  onRead(): void;
  /** To be called back when the next bytes may follow. */
  onBytes(bytes: Buffer, done: () => void): void;
  /** The handler writes no more. */
  onEnd(): void;
}

/** The socket of a connection that was handed to the handler, which reads and writes the bytes of whatever protocol it speaks there. */
export class TunnelSocket extends TaskSocket {
  readonly #events: TunnelSocketEvents;

  constructor(head: RequestHead, events: TunnelSocketEvents) {
    super(head, (chunk, encoding, done) => {
      events.onBytes(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk, done);
    });
    this.#events = events;
  }

  override _read(): void {
    this.#events.onRead();
  }

  override _final(done: () => void): void {
    this.#events.onEnd();
    done();
  }

  /** As that of a real socket: closes when everything is written. */
  override destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}
