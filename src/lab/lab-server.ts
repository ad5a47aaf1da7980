/**
 * The server of the lab: its page, its stream of events, and the orders of whoever has the token. What holds for the admin port holds here:
 * the name that it is asked for has to be this machine's, no other site may ask, and nothing from a request is ever HTML.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { SECURITY_HEADERS, sendError, sendJson, sendText } from '../admin/answer.ts';
import { DashboardFiles } from '../admin/dashboard-files.ts';
import { EVENTS_TYPE, EventStream } from '../admin/event-stream.ts';
import { Guard } from '../admin/guard.ts';
import { listenOnPort } from '../admin/listen-port.ts';
import { readBody } from '../admin/read-body.ts';
import { Refusal } from '../admin/refusal.ts';
import { closeSmallServer, createSmallServer } from '../admin/small-server.ts';
import type { Done } from '../admin/api.ts';
import type { LabEvent } from './api.ts';
import { Lab } from './lab.ts';
import { findOrder } from './routes.ts';

export interface LabOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly host: string;
}

/** A lab at work. */
export interface RunningLab {
  /** Where its page is, with the token. */
  readonly link: string;
  /** Ends the lab, and all of its servers. Safe to call again. */
  close(): Promise<void>;
}

const PAGE = '/lab';
const LOOK_EVERY_MS = 500;
/** Changes that come in a burst are told together. */
const TELL_EVERY_MS = 100;
/** A page that is loaded anew is back within this time. */
const AWAY_MS = 3000;

/**
 * Starts the lab. Resolves when its page would be answered; its servers start meanwhile.
 *
 * @throws PreforkError ERR_PORT_IN_USE or ERR_LISTEN
 */
export async function startLab({ port, host }: LabOptions): Promise<RunningLab> {
  const guard = new Guard(['/', PAGE]);
  const server = new LabServer(guard);
  const real = await server.listen(port, host);
  guard.setPort(real);
  return {
    link: `http://localhost:${real}${PAGE}#token=${guard.token}`,
    close: () => server.close(),
  };
}

class LabServer {
  readonly #guard: Guard;
  readonly #lab: Lab;
  readonly #events: EventStream<LabEvent>;
  readonly #files = new DashboardFiles(undefined, { [PAGE]: 'lab.html' });
  readonly #server: Server;
  #lookTimer: NodeJS.Timeout | undefined;
  #tellTimer: NodeJS.Timeout | undefined;
  #awayTimer: NodeJS.Timeout | undefined;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#lab = new Lab(() => this.#onChange());
    this.#events = new EventStream<LabEvent>(
      () => this.#lab.tell(),
      () => this.#watch(),
    );
    this.#server = createSmallServer((request, response) => void this.#answer(request, response));
  }

  async listen(port: number, host: string): Promise<number> {
    const real = await listenOnPort(this.#server, port, { host, purpose: 'the lab', flag: '--port' });
    this.#lab.startAll();
    return real;
  }

  async close(): Promise<void> {
    clearTimeout(this.#awayTimer);
    // First: what it tells of the end is of use.
    await this.#lab.close();
    clearTimeout(this.#tellTimer);
    clearInterval(this.#lookTimer);
    const closed = closeSmallServer(this.#server);
    this.#events.close();
    await closed;
  }

  /** Somebody looks. */
  #watch(): () => void {
    this.#lookTimer ??= setInterval(() => this.#lab.look(), LOOK_EVERY_MS);
    return () => {
      clearInterval(this.#lookTimer);
      this.#lookTimer = undefined;
    };
  }

  #onChange(): void {
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = undefined;
      this.#events.refresh();
    }, TELL_EVERY_MS);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    // The connection tells as well, by its end.
    request.on('error', () => {});
    response.on('error', () => {});
    try {
      this.#guard.check(request);
      await this.#route(request, response);
    } catch (error) {
      sendError(response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method = '' } = request;
    const [path = ''] = url.split('?', 1);
    if (await this.#files.answer(request, response, path)) return;
    const found = findOrder(path);
    if (found !== undefined) {
      if (method !== 'POST') throw wrongMethod(method, 'POST');
      const done = await found.order(this.#lab, await readBody(request, true), found.subject);
      sendJson(response, { done } satisfies Done);
      return;
    }
    const look = Object.hasOwn(this.#looks, path) ? this.#looks[path] : undefined;
    if (look === undefined) throw new Refusal(404, `there is nothing at this path; the page of the lab is at ${PAGE}`);
    if (method !== 'GET' && method !== 'HEAD') throw wrongMethod(method, 'GET, HEAD');
    look(request, response);
  }

  readonly #looks: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
    '/': (_request, response) => response.writeHead(302, { Location: PAGE, 'Content-Length': 0 }).end(),
    '/api/lab': (_request, response) => {
      this.#lab.look();
      sendJson(response, this.#lab.tell());
    },
    '/api/events': (request, response) => this.#listen(request, response),
  };

  #listen(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'HEAD') {
      sendText(response, EVENTS_TYPE, '');
      return;
    }
    clearTimeout(this.#awayTimer);
    this.#events.attach(response, undefined);
    // After the stream itself has heard of it.
    response.once('close', () => {
      if (this.#events.clients > 0) return;
      clearTimeout(this.#awayTimer);
      this.#awayTimer = setTimeout(() => void this.#lab.rest(), AWAY_MS);
    });
  }
}

function wrongMethod(found: string, allowed: string): Refusal {
  return new Refusal(405, `found the method ${found}, expected ${allowed}`, { Allow: allowed });
}
