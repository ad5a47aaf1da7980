import { Duplex } from 'node:stream';
import type { RequestHead } from '../channel/messages.ts';

type Written = (chunk: string | Buffer, encoding: BufferEncoding, done: () => void) => void;

/**
 * What `request.socket` and `response.socket` are to a handler: the facts of the client's connection, which the primary
 * holds. What Node's ServerResponse writes to it goes to the task; nothing is ever read from it.
 */
export class TaskSocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteFamily: 'IPv4' | 'IPv6';
  readonly localAddress: string;
  readonly localPort: number;
  readonly localFamily: 'IPv4' | 'IPv6';
  readonly encrypted: boolean;
  readonly connecting = false;
  readonly timeout = 0;
  readonly #written: Written;

  constructor(head: RequestHead, written: Written) {
    super({ decodeStrings: false, allowHalfOpen: true });
    this.remoteAddress = head.remoteAddress;
    this.remotePort = head.remotePort;
    this.remoteFamily = familyOf(head.remoteAddress);
    this.localAddress = head.localAddress;
    this.localPort = head.localPort;
    this.localFamily = familyOf(head.localAddress);
    this.encrypted = head.encrypted;
    this.#written = written;
    // An error passed to destroy() is the handler's way to say why; without a listener it would end the process.
    this.on('error', () => {});
  }

  override _read(): void {}

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: () => void): void {
    this.#written(chunk, encoding, done);
  }

  address(): { address: string; port: number; family: string } {
    return { address: this.localAddress, port: this.localPort, family: this.localFamily };
  }

  // The connection belongs to the primary: its options are not a handler's to set.
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
  destroySoon(): void {
    this.end();
  }
}

function familyOf(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
