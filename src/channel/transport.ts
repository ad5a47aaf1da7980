import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';

/** An ordered, reliable stream of bytes to one peer: a socket to a process, a message port to a thread. */
export interface Transport {
  /** Bytes written that have not left this process. */
  readonly bufferedBytes: number;
  write(bytes: Buffer): void;
  /** Calls back when the system has taken what was written so far; never when the transport closes before. */
  afterWrites(callback: () => void): void;
  /** Called with each piece that arrives, and once when nothing more will arrive, whatever the cause. */
  listen(onBytes: (bytes: Buffer) => void, onClose: () => void): void;
  /** Sends what was written, then closes. */
  end(): void;
  /** Closes at once; what was not sent is lost. */
  destroy(): void;
}

const NOTHING = Buffer.alloc(0);

export function socketTransport(socket: Socket): Transport {
  return {
    get bufferedBytes() {
      return socket.writableLength;
    },
    write(bytes) {
      if (!socket.destroyed) socket.write(bytes);
    },
    afterWrites(callback) {
      socket.write(NOTHING, (error) => {
        if (error === undefined || error === null) callback();
      });
    },
    listen(onBytes, onClose) {
      socket.on('data', onBytes);
      socket.once('close', onClose);
      // A peer that dies shows as ECONNRESET or EPIPE; 'close' follows, and tells all there is to tell.
      socket.on('error', () => {});
    },
    end() {
      socket.end();
    },
    destroy() {
      socket.destroy();
    },
  };
}

/** @param keepsAlive whether an open port keeps this thread from its end */
export function portTransport(port: MessagePort, keepsAlive = true): Transport {
  return {
    // A message is copied into the peer's queue at once; the windows of the bodies bound what can wait there.
    bufferedBytes: 0,
    write(bytes) {
      // A view would be cloned with the whole buffer behind it, and the buffer may be the user's: send a copy of our own.
      const copy = new Uint8Array(bytes);
      port.postMessage(copy, [copy.buffer]);
    },
    afterWrites: (callback) => callback(),
    listen(onBytes, onClose) {
      port.on('message', (bytes: unknown) => {
        if (bytes instanceof Uint8Array) onBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      });
      port.once('close', onClose);
      // Listening has just made it one that keeps the thread alive.
      if (!keepsAlive) port.unref();
    },
    end() {
      port.close();
    },
    destroy() {
      port.close();
    },
  };
}
