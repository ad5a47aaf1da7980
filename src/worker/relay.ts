import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Node takes note of the end of a connection in a thread of its own, which is always free. */
const TAKES_NOTE_WITHIN_MS = 1000;

/**
 * A port of its own before another one of this machine. Whoever came through it can be cut off, which Node's inspector can not do: its `close()`
 * keeps the main thread until each debugger has said goodbye, and one behind a dead connection never does.
 */
export class Relay {
  readonly #server: Server;
  /** The way on of each client. */
  readonly #targets = new Map<Socket, Socket>();

  private constructor(toPort: number) {
    this.#server = createServer((client) => {
      const target = connect(toPort, '127.0.0.1');
      this.#targets.set(client, target);
      client.pipe(target);
      target.pipe(client);
      // What breaks one side ends both; there is nobody to tell.
      client.on('error', () => {});
      target.on('error', () => {});
      client.once('close', () => target.destroy());
      target.once('close', () => {
        this.#targets.delete(client);
        client.destroy();
      });
    });
  }

  /** Listens on loopback, on a port that is free. */
  static async open(toPort: number): Promise<Relay> {
    const relay = new Relay(toPort);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once('error', reject);
      relay.#server.listen(0, '127.0.0.1', resolve);
    });
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes the port and all that came through it. Resolves when the other side has taken note, or had the time to. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    await Promise.all([...this.#targets].map(([client, target]) => cutOff(client, target)));
    await closed;
  }
}

async function cutOff(client: Socket, target: Socket): Promise<void> {
  client.unpipe(target);
  client.removeAllListeners('close');
  client.destroy();
  if (target.destroyed) return;
  const timer = setTimeout(() => target.destroy(), TAKES_NOTE_WITHIN_MS);
  await new Promise((resolve) => {
    target.once('close', resolve);
    // What it still sends is for nobody.
    target.resume();
    target.end();
  });
  clearTimeout(timer);
}
