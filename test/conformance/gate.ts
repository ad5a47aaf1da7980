import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { until } from '../support/until.ts';

/**
 * Holds handlers back until the test lets them go on: a handler connects to it (`passGate` of the fixtures) and goes on when
 * the connection ends. It works across every process and thread, and the test knows who waits.
 */
export class Gate implements AsyncDisposable {
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();
  #arrived = 0;
  #isOpen = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#arrived += 1;
      socket.on('error', () => {});
      if (this.#isOpen) {
        socket.end();
        return;
      }
      this.#waiting.add(socket);
      socket.once('close', () => this.#waiting.delete(socket));
      // Without a reader the end of a handler's process would go unseen.
      socket.resume();
    });
  }

  static async create(): Promise<Gate> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Gate(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Handlers that have come since the start, those that went on included. */
  get arrivals(): number {
    return this.#arrived;
  }

  /** Waits until so many handlers have come. */
  async arrived(count = 1): Promise<void> {
    await until(() => this.#arrived >= count, { describe: () => `${count} handlers at the gate, ${this.#arrived} have come` });
  }

  /** Lets all handlers go on, those too that come later. */
  open(): void {
    this.#isOpen = true;
    for (const socket of this.#waiting) socket.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open();
    for (const socket of this.#waiting) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
