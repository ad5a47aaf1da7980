import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { MessagePort } from 'node:worker_threads';
import type { Handed, Parcel } from './handed.ts';

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
  /** Only between threads. */
  readonly handed?: Handed;
  /** Whether the memory of the pieces that arrive is used again for the next one. */
  readonly lends?: boolean;
}

/** Parcels that came over a message port, or within one thread. */
export class HandedParcels implements Handed {
  readonly #give: (task: number, parcel: Parcel) => void;
  readonly #parcels = new Map<number, { readonly task: number; readonly objects: readonly object[] }>();

  /** @param give takes them to the other side; by default that is this one */
  constructor(give?: (task: number, parcel: Parcel) => void) {
    this.#give = give ?? ((task, parcel) => this.add(task, parcel));
  }

  give(task: number, parcel: Parcel): void {
    this.#give(task, parcel);
  }

  add(task: number, { number, objects }: Parcel): void {
    this.#parcels.set(number, { task, objects });
  }

  take(number: number): readonly object[] {
    const parcel = this.#parcels.get(number);
    if (parcel === undefined) throw new RangeError('it refers to memory or a port that was not handed over');
    this.#parcels.delete(number);
    return parcel.objects;
  }

  forget(task: number): void {
    for (const [number, parcel] of this.#parcels) if (parcel.task === task) this.#parcels.delete(number);
  }
}

const NOTHING = Buffer.alloc(0);

/** Of a socket that somebody else made. */
export function socketTransport(socket: Socket): Transport {
  return transportOf(socket, false, (onBytes) => socket.on('data', onBytes));
}

const READ_BYTES = 64 * 1024;

/**
 * Of a socket that this process has inherited. All that arrives is read into the same memory: else each read takes 64 KB of its own, to be allocated
 * and collected, which is felt in calls that come one at a time (docs/decisions/0017-brief-calls.md).
 */
export function inheritedTransport(fd: number): Transport {
  let onBytes: ((bytes: Buffer) => void) | undefined;
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const callback = (length: number): boolean => {
    onBytes?.(buffer.subarray(0, length));
    return true;
  };
  const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
    fd,
    readable: true,
    writable: true,
    onread: { buffer, callback },
  };
  const socket = new Socket(options);
  return transportOf(socket, true, (listener) => {
    onBytes = listener;
    // For its end alone.
    socket.resume();
  });
}

function transportOf(socket: Socket, lends: boolean, hear: (onBytes: (bytes: Buffer) => void) => void): Transport {
  return {
    lends,
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
      hear(onBytes);
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
  const handed = new HandedParcels((task, { number, objects }) => {
    const ports = objects.filter((object): object is MessagePort => object instanceof MessagePort);
    port.postMessage({ task, number, objects }, ports);
  });
  return {
    handed,
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
        // Whatever its class: in a test runner's context that is another one.
        if (ArrayBuffer.isView(bytes)) onBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        // Threads share their fate, and trust each other in what no bytes can say.
        else handed.add((bytes as { readonly task: number }).task, bytes as Parcel);
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
