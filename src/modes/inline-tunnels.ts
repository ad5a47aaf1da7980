/** Connections of another protocol in the process that holds the client's socket: the handler gets that very socket. */
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { Connection } from '../http/connection.ts';
import type { Exchange } from '../http/exchange.ts';
import { MOST_CONNECTIONS } from '../scheduler/worker-table.ts';
import type { TunnelHandler } from './inline-worker.ts';

/** What `teardown()` has said goodbye to has this long to close. */
const GOODBYE_MS = 1000;

export class InlineTunnels {
  readonly #call: (call: () => unknown) => unknown;
  readonly #open = new Map<Exchange, Connection>();
  #whenEmpty: (() => void) | undefined;

  /** @param call calls the handler */
  constructor(call: (call: () => unknown) => unknown) {
    this.#call = call;
  }

  /** @returns false when there are as many as there may be */
  run(exchange: Exchange, connection: Connection, handle: TunnelHandler): boolean {
    if (this.#open.size >= MOST_CONNECTIONS) {
      exchange.fail(new PreforkError('ERR_LONG_LANE_FULL', `${MOST_CONNECTIONS} connections are held, as many as may be`));
      return false;
    }
    exchange.start(process.pid);
    this.#open.set(exchange, connection);
    exchange.response.once('close', () => {
      this.#open.delete(exchange);
      if (this.#open.size === 0) this.#whenEmpty?.();
    });
    void this.#run(exchange, connection, handle);
    return true;
  }

  /** Ends those that are left. Resolves when all are closed. */
  async close(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#open.forEach((connection) => connection.close()), GOODBYE_MS);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #run(exchange: Exchange, { socket, head }: Connection, handle: TunnelHandler): Promise<void> {
    try {
      await this.#call(() => handle(exchange.request, socket, head));
    } catch (error) {
      exchange.fail(handlerThrewHere(error, exchange.id));
    }
  }
}

/** What a handler threw in this process. */
export function handlerThrewHere(error: unknown, task: number): PreforkError {
  const name = error instanceof Error ? error.name : 'Error';
  return new PreforkError('ERR_HANDLER_THREW', `the handler threw ${name}: ${messageOf(error)}`, {
    cause: error instanceof Error ? String(error.stack) : '',
    task,
  });
}
