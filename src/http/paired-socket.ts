import { Duplex } from 'node:stream';

/** What a connection tells of itself. */
export interface SocketFacts {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly remoteFamily?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly localFamily?: string | undefined;
}

type Written = (error?: Error | null) => void;

/** One end of a connection within this process: what is written to one end is read at the other, as over TCP, without the system. */
export class PairedSocket extends Duplex implements SocketFacts {
  readonly encrypted = true;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly remoteFamily: string | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly localFamily: string | undefined;
  bytesWritten = 0;
  bytesRead = 0;
  #other: PairedSocket | undefined;
  /** What the other end has written waits until this end is read. */
  #written: Written | undefined;

  /** @returns two ends; both tell the same facts */
  static pair(facts: SocketFacts): [PairedSocket, PairedSocket] {
    const [one, other] = [new PairedSocket(facts), new PairedSocket(facts)];
    one.#other = other;
    other.#other = one;
    return [one, other];
  }

  private constructor(facts: SocketFacts) {
    super({ allowHalfOpen: true });
    this.remoteAddress = facts.remoteAddress;
    this.remotePort = facts.remotePort;
    this.remoteFamily = facts.remoteFamily;
    this.localAddress = facts.localAddress;
    this.localPort = facts.localPort;
    this.localFamily = facts.localFamily;
  }

  override _read(): void {
    this.#settle();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Written): void {
    const other = this.#other;
    if (other === undefined || other.destroyed) {
      done(brokenPipe());
      return;
    }
    // node:http writes them, and a stream takes no notice of being given nothing.
    if (chunk.length === 0) {
      done();
      return;
    }
    this.bytesWritten += chunk.length;
    other.bytesRead += chunk.length;
    other.#written = done;
    other.push(chunk);
  }

  override _final(done: Written): void {
    this.#end();
    done();
  }

  override _destroy(error: Error | null, done: Written): void {
    this.#settle(brokenPipe());
    this.#end();
    done(error);
  }

  /** The other end reads what is there, and then that there is no more. */
  #end(): void {
    const other = this.#other;
    if (other !== undefined && !other.destroyed && !other.readableEnded && !other.#hasEnd) {
      other.#hasEnd = true;
      other.push(null);
    }
  }

  #hasEnd = false;

  #settle(error?: Error): void {
    const written = this.#written;
    this.#written = undefined;
    written?.(error);
  }

  /** As that of a real socket: closes when everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  // There is no connection of the system behind it that had options.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
}
