/**
 * For programs that listen by themselves, as `node app.js` runs them: while the module is loaded, an HTTP server that is told to listen is
 * held. It opens no port and believes that it listens, and what listens for its requests is the handler if the module exports none.
 *
 * In mode blocking and in the workers of mode cluster the front listens in the same process: it does so past this file.
 */
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, Server } from 'node:net';
import process from 'node:process';

/** What a program asked to listen on: a port, or the path of a socket; else whatever it was. */
type Place = number | string;

interface Wish {
  readonly place: Place;
  readonly host: string | undefined;
  readonly callback: (() => void) | undefined;
}

/** They come and go, ours too: of these none may be there before a program counts as done. */
const PASSING: ReadonlySet<string> = new Set(['FSReqCallback', 'FSReqPromise', 'Immediate', 'Timeout']);
const LOOK_EVERY_MS = 20;
/** Between two things that a program does there may be none for a turn. */
const QUIET_LOOKS = 3;

type Listen = (this: Server, ...given: readonly unknown[]) => Server;

export class Listening {
  readonly #own = resources();
  readonly #listen = Reflect.get(Server.prototype, 'listen') as Listen;
  #held: { readonly server: HttpServer; readonly place: Place } | undefined;
  #isFound = false;
  #isEnded = false;
  readonly #closing = new Set<Server>();

  constructor() {
    const decide = (server: Server, given: readonly unknown[]): Server => this.#decide(server, given);
    Reflect.set(Server.prototype, 'listen', function listen(this: Server, ...given: readonly unknown[]): Server {
      return decide(this, given);
    });
  }

  /** The first server that was told to listen. */
  get server(): HttpServer | undefined {
    return this.#held?.server;
  }

  /** Where it was told to. */
  get place(): string {
    const place = this.#held?.place;
    return typeof place === 'number' ? `port ${place}` : String(place);
  }

  /** Waits for that server, as long as anything goes on that may come to it: else Node would end such a program. */
  async first(): Promise<void> {
    for (let quiet = 0; this.#held === undefined && quiet < QUIET_LOOKS;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      await new Promise((resolve) => setImmediate(resolve));
      quiet = isBusy(resources(), this.#own) ? 0 : quiet + 1;
    }
  }

  /** What is to be served is known: from now on only what belongs to a held server is held. */
  found(): void {
    this.#isFound = true;
    if (this.#held === undefined) this.restore();
  }

  restore(): void {
    Reflect.set(Server.prototype, 'listen', this.#listen);
  }

  /** All requests are answered: what waits for a held server to close goes on. */
  end(): void {
    this.#isEnded = true;
    for (const server of this.#closing) server.emit('close');
    this.#closing.clear();
  }

  #decide(server: Server, given: readonly unknown[]): Server {
    const wish = readWish(given);
    if (!isHttp(server) || !this.#holds(wish)) return Reflect.apply(this.#listen, server, given);
    this.#held ??= { server, place: wish.place };
    if (wish.callback !== undefined) server.once('listening', wish.callback);
    this.#disguise(server, wish);
    process.nextTick(() => server.emit('listening'));
    return server;
  }

  #holds({ place }: Wish): boolean {
    // Fastify has a server for each address of localhost.
    if (this.#held !== undefined) return this.#held.place === place;
    // Whoever takes any port wants to be reached at that one, unless it was said from outside.
    return !this.#isFound && (place !== 0 || process.env['PORT'] === '0');
  }

  /** Own properties: what the program asks its server about itself. */
  #disguise(server: Server, { place, host }: Wish): void {
    const address = typeof place === 'number' ? addressOf(place, host) : place;
    let isOpen = true;
    Object.defineProperties(server, {
      listening: { get: () => isOpen, configurable: true },
      address: { value: () => (isOpen ? address : null), configurable: true, writable: true },
      close: {
        value: (callback?: () => void): Server => {
          isOpen = false;
          if (typeof callback === 'function') server.once('close', callback);
          if (this.#isEnded) process.nextTick(() => server.emit('close'));
          else this.#closing.add(server);
          return server;
        },
        configurable: true,
        writable: true,
      },
    });
  }
}

/** node:http and node:https, by a limit that these alone have: node:https is not loaded for this. */
function isHttp(server: Server): server is HttpServer {
  return 'requestTimeout' in server;
}

/** As https://nodejs.org/api/net.html#serverlisten has it: (port, host, backlog, callback), (path, …), (options, callback), (callback). */
function readWish(given: readonly unknown[]): Wish {
  const last = given.at(-1);
  const callback = typeof last === 'function' ? (last as () => void) : undefined;
  const [first, second] = given;
  if (typeof first === 'object' && first !== null) {
    const { port, host, path } = first as { readonly port?: unknown; readonly host?: unknown; readonly path?: unknown };
    const place = toPlace(port ?? path ?? ('port' in first ? 0 : {}));
    return { place, host: typeof host === 'string' ? host : undefined, callback };
  }
  return {
    place: toPlace(typeof first === 'function' ? 0 : first),
    host: typeof second === 'string' ? second : undefined,
    callback,
  };
}

function toPlace(value: unknown): Place {
  if (value === undefined || value === null) return 0;
  const port = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof port === 'number' && Number.isInteger(port)) return port;
  return typeof value === 'string' ? value : 'what it was given';
}

function addressOf(port: number, host: string | undefined): AddressInfo {
  const address = host === undefined || host === '' ? '::' : host === 'localhost' ? '127.0.0.1' : host;
  return { address, port, family: address.includes(':') ? 'IPv6' : 'IPv4' };
}

function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function isBusy(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): boolean {
  return [...now].some(([kind, count]) => count > (PASSING.has(kind) ? 0 : (before.get(kind) ?? 0)));
}
