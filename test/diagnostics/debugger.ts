import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

interface Heard {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** A debugger as DevTools are one: it speaks WebSocket (RFC 6455), for which Node 20 has no client. */
export class Debugger {
  readonly events: Heard[] = [];
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #received: Buffer;
  #nextId = 1;

  private constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#received = head;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#read();
    });
    socket.on('error', () => undefined);
    this.#read();
  }

  static attach(webSocketUrl: string): Promise<Debugger> {
    const { port, pathname } = new URL(webSocketUrl);
    const key = randomBytes(16).toString('base64');
    return new Promise((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1',
        port,
        path: pathname,
        headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': key },
      });
      asked.once('upgrade', (response, socket, head) => {
        const expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        if (response.headers['sec-websocket-accept'] === expected) resolve(new Debugger(socket, head));
        else reject(new Error('found no WebSocket server'));
      });
      asked.once('response', (response) => reject(new Error(`found status ${response.statusCode}`)));
      asked.once('error', reject);
      asked.end();
    });
  }

  ask(method: string, params: object = {}): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    const text = Buffer.from(JSON.stringify({ id, method, params }));
    if (text.length > 125) throw new Error('found a message for which this needs a longer header');
    // Final, text; masked with zeros, which leaves it as it is.
    this.#socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): void {
    for (;;) {
      const short = (this.#received[1] ?? 0) & 0x7f;
      const headerBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.#received.length < headerBytes) return;
      const length =
        short === 126 ? this.#received.readUInt16BE(2) : short === 127 ? Number(this.#received.readBigUInt64BE(2)) : short;
      if (this.#received.length < headerBytes + length) return;
      const isText = ((this.#received[0] ?? 0) & 0x0f) === 1;
      const payload = this.#received.subarray(headerBytes, headerBytes + length);
      this.#received = this.#received.subarray(headerBytes + length);
      if (isText) this.#hear(JSON.parse(payload.toString()) as Heard);
    }
  }

  #hear(heard: Heard): void {
    if (heard.id === undefined) this.events.push(heard);
    else this.#waiting.get(heard.id)?.(heard.result);
  }
}
