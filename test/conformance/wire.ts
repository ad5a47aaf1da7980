import { connect, type Socket } from 'node:net';
import { until } from '../support/until.ts';
import { takeResponse, type WireResponse } from './take-response.ts';

/** Longer than anything here takes on a loaded machine: beyond it the server hangs. */
const HUNG_MS = 20_000;

/** One connection on which a test writes exact bytes and reads answers one after another. Texts are latin1. */
export class Wire implements Disposable {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #hasEnded = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => (this.#received = Buffer.concat([this.#received, bytes])));
    // A reset is an end, too: servers answer bad requests with one.
    socket.on('error', () => {});
    socket.on('end', () => (this.#hasEnded = true));
    socket.on('close', () => (this.#hasEnded = true));
  }

  static async to(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Wire(socket);
  }

  /** Whether the server has closed its side. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends all of it at the speed at which the server takes it; rejects when the connection breaks before. */
  async sendAll(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error instanceof Error ? reject(error) : resolve()));
    });
  }

  /** Waits for the next answer, whole or broken off; null when the server closed without one. */
  async response(method = 'GET'): Promise<WireResponse | null> {
    const taken = await until(
      () =>
        takeResponse(this.#received, method, this.#hasEnded) ?? (this.#hasEnded && this.#received.length === 0 ? 'none' : null),
      {
        describe: () => `an answer; so far: ${JSON.stringify(this.#received.toString('latin1').slice(0, 500))}`,
        withinMs: HUNG_MS,
      },
    );
    if (taken === 'none') return null;
    this.#received = taken.rest;
    return taken.response;
  }

  /** Waits until the bytes that were not taken yet hold a text, and gives all of them, without taking them. */
  async contains(text: string): Promise<string> {
    return until(() => this.#received.includes(text, 0, 'latin1') && this.#received.toString('latin1'), {
      describe: () => `${JSON.stringify(text)}; so far: ${JSON.stringify(this.#received.toString('latin1').slice(0, 500))}`,
      withinMs: HUNG_MS,
    });
  }

  /** Waits until the server closes, and gives the bytes that no answer has taken. */
  async ended(): Promise<string> {
    await until(() => this.#hasEnded, { describe: 'the server to close the connection', withinMs: HUNG_MS });
    return this.#received.toString('latin1');
  }

  /** Closes our side alone. */
  endSending(): void {
    this.#socket.end();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Sends one request on a connection of its own and gives the first answer; a request whose text has no method is a GET. */
export async function exchange(port: number, request: string): Promise<WireResponse | null> {
  using wire = await Wire.to(port);
  wire.send(request);
  return await wire.response(/^[A-Z]+/.exec(request)?.[0]);
}

/** The text of a request with a Host and, for a body, its length. */
export function requestText(method: string, target: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  return `${[`${method} ${target} HTTP/1.1`, 'Host: example.test', ...headers, ...length].join('\r\n')}\r\n\r\n${body}`;
}

/** All values of a header, in order. */
export function valuesOf(response: WireResponse | null, name: string): string[] {
  return (response?.headers ?? []).filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

/** The JSON object in an answer; throws when there is none. */
export function jsonOf(response: WireResponse | null): Record<string, unknown> {
  return JSON.parse(Buffer.from(response?.body ?? '', 'latin1').toString('utf8'));
}
