/**
 * The front: owns the listening socket and every client's connection, and turns each sound request into an exchange for its
 * backend. It runs in the primary, and in the workers of mode cluster. It fails with ERR_PORT_IN_USE or ERR_LISTEN when it
 * can not listen; a broken client gets a problem document and costs nothing else.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { TUNNEL_KINDS, type TunnelKind } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { IdMap } from '../scheduler/id-map.ts';
import type { Backend } from './backend.ts';
import { announcedBytes, checkRequest } from './check-request.ts';
import { answerClientError } from './client-error.ts';
import { Connection } from './connection.ts';
import { discardBody } from './discard-body.ts';
import { bodyTooLarge, Exchange, type ExchangeListener } from './exchange.ts';
import { createFrontServer, type FrontServer } from './front-server.ts';
import { answerHealth } from './health.ts';
import { listen } from './listen.ts';
import { problemText, sendProblem } from './problem.ts';
import type { TaskCounts } from './task-counts.ts';

export class Front implements ExchangeListener {
  readonly #settings: Settings;
  readonly #backend: Backend;
  readonly #counts: TaskCounts;
  readonly #unready: () => string | undefined;
  readonly #frontServer: FrontServer;
  readonly #server: Server;
  /** By id. */
  readonly #open = new IdMap<Exchange>();
  /** Those whose connection speaks another protocol, by id. Nobody waits for their end. */
  readonly #tunnels = new Map<number, Exchange>();
  readonly #sockets = new Set<Socket>();
  #nextId = 0;
  #closing = false;
  #whenEmpty: (() => void) | undefined;

  /**
   * @param counts where it counts its tasks
   * @param unready why a new request would not be taken, or undefined when it would
   * @throws PreforkError ERR_BAD_OPTION when the certificate or its key make no sense
   */
  constructor(settings: Settings, backend: Backend, counts: TaskCounts, unready: () => string | undefined) {
    this.#settings = settings;
    this.#backend = backend;
    this.#counts = counts;
    this.#unready = unready;
    this.#frontServer = createFrontServer(settings);
    this.#server = this.#frontServer.http;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (request, response) => this.#onRequest(request, response, false));
    this.#server.on('checkContinue', (request, response) => this.#onRequest(request, response, true));
    this.#server.on('checkExpectation', (request, response) => this.#onExpectation(request, response));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#onClientError(error, socket as Socket));
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  /** Exchanges that are not over. */
  get openCount(): number {
    return this.#open.size + this.#tunnels.size;
  }

  /** Reads the certificate again, if there is one. @throws PreforkError ERR_BAD_OPTION, and the one in use stays */
  renewCertificate(): void {
    this.#frontServer.renewCertificate();
  }

  /**
   * How clients may ask for another protocol, from now on. For what is not among it node:http does what it does where nobody listens: it
   * takes an `Upgrade` for any other request, and closes the connection of a `CONNECT`.
   */
  take(kinds: readonly TunnelKind[]): void {
    for (const kind of TUNNEL_KINDS) {
      this.#server.removeListener(kind, this.#onTunnel);
      if (kinds.includes(kind)) this.#server.on(kind, this.#onTunnel);
    }
  }

  /** @throws PreforkError ERR_PORT_IN_USE or ERR_LISTEN */
  async listen(): Promise<AddressInfo> {
    return listen(this.#server, this.#settings.port, this.#settings.host);
  }

  /**
   * Takes no new connection and lets those that are open end: the next answer on each is its last one. One on which no request comes
   * within `lingerMs` is closed then, and `onIntakeEnded` called: no other request will come. Resolves when the last exchange is over, but
   * for those of another protocol: whoever holds them ends them.
   */
  async close(lingerMs = 0, onIntakeEnded: () => void = () => {}): Promise<void> {
    this.#closing = true;
    if (lingerMs > 0) {
      // That of node:http closes idle connections at once, also one whose next request is on its way.
      NetServer.prototype.close.call(this.#server);
      await delay(lingerMs);
    }
    this.#server.close();
    this.#server.closeIdleConnections();
    this.#frontServer.closeSessions();
    // Node takes a connection that has not sent a byte for one that is in use.
    if (lingerMs > 0) for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    onIntakeEnded();
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
    }
    // What is left are connections on which no request is under way.
    this.#server.closeAllConnections();
    this.#frontServer.closeSessions();
  }

  /** Ends whatever is open now. Who waits for the head of an answer hears why; an answer that has begun breaks off. */
  destroy(): void {
    this.#closing = true;
    this.#server.close();
    for (const exchange of [...this.#open.values(), ...this.#tunnels.values()])
      exchange.fail(new PreforkError('ERR_SHUTTING_DOWN', 'the server is ending, and the task was cut off'));
    // What was just written is with the system as far as it will ever be: a client that does not read gets no more time.
    this.#server.closeAllConnections();
    this.#frontServer.destroySessions();
  }

  onAbandoned(exchange: Exchange): void {
    this.#backend.abandon(exchange);
  }

  onClosed(exchange: Exchange): void {
    if (!this.#open.delete(exchange.id)) this.#tunnels.delete(exchange.id);
    this.#counts.end(exchange.end, exchange.times);
    if (this.#open.size === 0) this.#whenEmpty?.();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const problem = checkRequest(request) ?? this.#checkSize(request);
    if (problem !== undefined) {
      this.#refuse(request, response, problem, expectsContinue);
      return;
    }
    if (this.#settings.health && answerHealth(request, response, () => this.#whyUnready())) return;
    if (expectsContinue) response.writeContinue();
    const exchange = new Exchange(this.#takeId(), request, response, this.#settings, this);
    this.#open.set(exchange.id, exchange);
    this.#counts.admit();
    this.#backend.run(exchange);
  }

  readonly #onTunnel = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const socket = stream as Socket;
    // Its own mark for a connection on which an answer is due: what the other protocol says would get into the middle of that.
    if ('_httpMessage' in socket && socket._httpMessage) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, head);
    const problem = this.#closing ? new PreforkError('ERR_SHUTTING_DOWN', 'the server is ending') : checkRequest(request);
    if (problem !== undefined) {
      connection.refuse(problemText(problem, this.#settings.dev));
      return;
    }
    const exchange = new Exchange(this.#takeId(), request, new ServerResponse(request), this.#settings, this, connection);
    this.#tunnels.set(exchange.id, exchange);
    this.#counts.admit();
    this.#backend.run(exchange);
  };

  /** Ids have 31 bits (channel/claims.ts); the first ones are long over when it wraps, but for connections that are held. */
  #takeId(): number {
    do this.#nextId = this.#nextId === 0x7fff_ffff ? 1 : this.#nextId + 1;
    while (this.#tunnels.has(this.#nextId));
    return this.#nextId;
  }

  #whyUnready(): string | undefined {
    return this.#closing ? 'the server is ending' : this.#unready();
  }

  #checkSize(request: IncomingMessage): PreforkError | undefined {
    const { maxBodyBytes } = this.#settings;
    return announcedBytes(request) > maxBodyBytes ? bodyTooLarge(maxBodyBytes) : undefined;
  }

  #onExpectation(request: IncomingMessage, response: ServerResponse): void {
    const found = String(request.headers.expect).slice(0, 40);
    const error = new PreforkError(
      'ERR_EXPECTATION_FAILED',
      `expected "Expect: 100-continue" or none, found ${JSON.stringify(found)}`,
    );
    this.#refuse(request, response, error, true);
  }

  /** A request that is not let in. A client that was not told to send its body has sent none: then the connection ends. */
  #refuse(request: IncomingMessage, response: ServerResponse, error: PreforkError, bodyHeldBack: boolean): void {
    const close = bodyHeldBack || request.complete || this.#closing || error.code === 'ERR_BAD_REQUEST';
    sendProblem(response, error, this.#settings.dev, close ? ['Connection', 'close'] : []);
    if (!close) discardBody(request);
  }

  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const open = [...this.#open.values()].filter(({ request }) => request.socket === socket).toSorted((a, b) => a.id - b.id);
    answerClientError(error, socket, open, this.#settings.dev);
  }
}
