import type { Socket } from 'node:net';

/** A connection that ends by our doing has this long to take what was written to it. */
const LINGER_MS = 5000;
/** After so long without a word the system asks whether the other end is still there: one that vanished would be held for ever. */
export const KEEP_ALIVE_MS = 60_000;

/**
 * A client's connection whose request asks for another protocol (RFC 9110, 7.8: `Upgrade`) or for a tunnel (9.3.6: `CONNECT`). With the
 * handler's first byte it is the handler's: nothing but its bytes goes out, and no other request is ever read from it.
 */
export class Connection {
  readonly socket: Socket;
  /** What came right after the head of the request. */
  readonly head: Buffer;
  readonly #bytesBefore: number;

  constructor(socket: Socket, head: Buffer) {
    this.socket = socket;
    this.head = head;
    this.#bytesBefore = socket.bytesWritten;
    socket.setTimeout(0);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // 'close' follows, and tells all there is to tell.
    socket.on('error', () => {});
  }

  /** Whether the client has a part of an answer. */
  get isAnswered(): boolean {
    return this.socket.bytesWritten > this.#bytesBefore;
  }

  /** Answers and closes. Where the answer has begun nothing can be said any more: then it closes at once. */
  refuse(answer: string): void {
    if (this.isAnswered) {
      this.socket.destroy();
      return;
    }
    this.socket.write(answer);
    this.close();
  }

  /** Closes when what was written is out; a client that does not take it gets no more time than `LINGER_MS`. */
  close(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    socket.resume();
    socket.destroySoon();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  }
}
