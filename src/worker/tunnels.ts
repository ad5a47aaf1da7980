/**
 * The connections that this worker holds: each is handed to the handler as a socket, and what is read from and written to it goes to the
 * primary, which has the real one. Loaded only where the handler takes connections over.
 */
import { performance } from 'node:perf_hooks';
import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import process from 'node:process';
import { MAX_BODY_FRAME_BYTES } from '../channel/frame.ts';
import type { Link } from '../channel/link.ts';
import { type FromWorker, type RequestHead, type ToWorker, TUNNEL_WINDOW_BYTES } from '../channel/messages.ts';
import { ReceiveWindow, SendWindow } from '../channel/window.ts';
import type { Tunnels as Handlers } from './handler.ts';
import type { TunnelHandler } from './handler-kinds.ts';
import { toRemoteError } from './remote-error.ts';
import { incomingMessage } from './task.ts';
import { TunnelSocket } from './tunnel-socket.ts';

/** What `teardown()` has said goodbye to has this long to close. */
const GOODBYE_MS = 1000;

export class Tunnels {
  readonly #link: Link<ToWorker, FromWorker>;
  readonly #handlers: Handlers;
  readonly #onOver: () => void;
  readonly #open = new Map<number, Tunnel>();
  #whenEmpty: (() => void) | undefined;

  /** @param onOver called when one of them has ended */
  constructor(link: Link<ToWorker, FromWorker>, handlers: Handlers, onOver: () => void) {
    this.#link = link;
    this.#handlers = handlers;
    this.#onOver = onOver;
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Tunnel | undefined {
    return this.#open.get(id);
  }

  /** To be called in the asynchronous context that the handler is to have for all of this connection. */
  start(id: number, head: RequestHead): void {
    const handle = this.#handlers[head.method === 'CONNECT' ? 'connect' : 'upgrade'];
    if (handle === undefined) {
      const error = toRemoteError(new Error('it takes no such connection'));
      this.#link.send({ type: 'TaskFailed', task: id, micros: 0, error });
      return;
    }
    const tunnel = new Tunnel(id, head, this.#link, () => {
      this.#open.delete(id);
      if (this.#open.size === 0) this.#whenEmpty?.();
      this.#onOver();
    });
    this.#open.set(id, tunnel);
    void tunnel.run(handle);
  }

  /** Ends those that are left. Resolves when all are over. */
  async close(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        for (const tunnel of this.#open.values()) tunnel.cancel();
      }, GOODBYE_MS);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

class Tunnel {
  readonly #id: number;
  readonly #link: Link<ToWorker, FromWorker>;
  readonly #onOver: () => void;
  readonly #request: IncomingMessage;
  readonly #socket: TunnelSocket;
  /** What the handler hangs on the socket is called in here. */
  readonly #scope = new AsyncResource('prefork-tunnel');
  readonly #sending = new SendWindow(TUNNEL_WINDOW_BYTES);
  readonly #receiving = new ReceiveWindow(TUNNEL_WINDOW_BYTES);
  readonly #beganMs = performance.now();
  #hasWritten = false;
  #error: unknown;

  constructor(id: number, head: RequestHead, link: Link<ToWorker, FromWorker>, onOver: () => void) {
    this.#id = id;
    this.#link = link;
    this.#onOver = onOver;
    this.#socket = new TunnelSocket(head, {
      onRead: () => this.#giveCredit(),
      onBytes: (bytes, done) => this.#sendBytes(bytes, done),
      onEnd: () => this.#link.send({ type: 'BodyEnd', task: id, trailers: [] }),
    });
    this.#socket.once('close', () => this.#end());
    this.#request = makeRequest(head, this.#socket);
  }

  async run(handle: TunnelHandler): Promise<void> {
    try {
      await handle(this.#request, this.#socket, Buffer.alloc(0));
    } catch (thrown) {
      this.#error = thrown;
      this.#socket.destroy();
    }
  }

  /** @returns false when the primary sent more than was allowed */
  receiveBody(bytes: Buffer): boolean {
    const mayBe = this.#receiving.receive(bytes.length);
    if (!this.#socket.destroyed) this.#scope.runInAsyncScope(() => this.#socket.push(bytes));
    return mayBe;
  }

  endBody(): void {
    if (this.#socket.destroyed) return;
    this.#scope.runInAsyncScope(() => {
      this.#socket.push(null);
      // As node:net does: with nothing left to read the end is told, whether anybody reads or not.
      this.#socket.read(0);
    });
  }

  addCredit(bytes: number): void {
    this.#scope.runInAsyncScope(() => this.#sending.add(bytes));
  }

  /** The client is gone, or the worker ends. */
  cancel(): void {
    this.#scope.runInAsyncScope(() => this.#socket.destroy());
  }

  #giveCredit(): void {
    const bytes = this.#receiving.consumeAll();
    if (bytes > 0) this.#link.send({ type: 'Credit', task: this.#id, bytes });
  }

  /** Sends as much as the window allows, and the rest when it opens; the link has to have room for all connections of this worker together. */
  #sendBytes(bytes: Buffer, done: () => void): void {
    this.#hasWritten ||= bytes.length > 0;
    let rest = bytes;
    while (rest.length > 0 && this.#sending.isOpen && this.#link.hasRoom) {
      const piece = rest.subarray(0, MAX_BODY_FRAME_BYTES);
      rest = rest.subarray(piece.length);
      this.#sending.spend(piece.length);
      this.#link.send({ type: 'Body', task: this.#id, bytes: piece });
    }
    const goOn = (): void => {
      if (!this.#socket.destroyed) this.#sendBytes(rest, done);
    };
    if (!this.#sending.isOpen) this.#sending.onceOpen(goOn);
    else if (!this.#link.hasRoom) this.#link.whenTaken(() => this.#scope.runInAsyncScope(goOn));
    else done();
  }

  #end(): void {
    if (this.#error !== undefined && !this.#hasWritten)
      this.#link.send({ type: 'TaskFailed', task: this.#id, micros: this.#micros, error: toRemoteError(this.#error) });
    else {
      if (this.#error !== undefined) process.stderr.write(`${toRemoteError(this.#error).stack}\n`);
      this.#link.send({ type: 'TaskFinished', task: this.#id, micros: this.#micros });
    }
    this.#onOver();
  }

  get #micros(): number {
    return (performance.now() - this.#beganMs) * 1000;
  }
}

/** As node:http makes one: complete, for there is no body. */
function makeRequest(head: RequestHead, socket: TunnelSocket): IncomingMessage {
  const request = incomingMessage(head, socket);
  Reflect.set(request, 'upgrade', true);
  request.complete = true;
  request.push(null);
  return request;
}
