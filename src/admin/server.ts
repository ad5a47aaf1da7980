/**
 * The server of the admin API: on a Unix socket that its owner alone may use, and on a port of this machine when asked to. It owns its
 * connections, their limits and their end; what it is asked to do is done by a `Controlled`. It runs in the primary, whose event loop turns
 * whatever the workers do, and so it answers while all of them hang.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { answerHealth } from '../http/health.ts';
import { SECURITY_HEADERS, sendError } from './answer.ts';
import type { AdminEvent } from './api.ts';
import type { Controlled } from './controlled.ts';
import { DashboardFiles } from './dashboard-files.ts';
import { EventStream, type StreamLimits } from './event-stream.ts';
import { FiguresHistory } from './figures-history.ts';
import type { Guard } from './guard.ts';
import { watchMoments } from './moments.ts';
import { readBody } from './read-body.ts';
import { Refusal } from './refusal.ts';
import { findRoute, type Route } from './routes.ts';
import { closeSmallServer, createSmallServer } from './small-server.ts';

export class AdminServer {
  readonly #controlled: Controlled;
  readonly #events: EventStream;
  readonly #history: FiguresHistory;
  readonly #dashboard: DashboardFiles;
  readonly #servers: Server[] = [];
  /** Of the requests that are not answered, or go on. */
  readonly #open = new Set<AbortController>();

  constructor(controlled: Controlled, limits: Partial<StreamLimits> = {}, dashboard: DashboardFiles = new DashboardFiles()) {
    this.#controlled = controlled;
    this.#dashboard = dashboard;
    this.#events = new EventStream(
      () => controlled.state(),
      (tell) => watchMoments((data) => tell({ event: 'moment', data })),
      limits,
    );
    this.#history = new FiguresHistory(controlled, (data) => this.tell({ event: 'figures', data }));
  }

  /** A server that answers whoever reaches it, or with a guard whom that lets in. It listens on nothing yet. */
  create(guard: Guard | undefined): Server {
    const server = createSmallServer((request, response) => void this.#answer(request, response, guard));
    this.#servers.push(server);
    return server;
  }

  /** Tells everybody who listens to events. */
  tell(event: AdminEvent): void {
    this.#events.tell(event);
  }

  /** Ends what goes on, and resolves when no connection is left. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => closeSmallServer(server));
    this.#events.close();
    this.#history.close();
    for (const controller of this.#open) controller.abort(new PreforkError('ERR_SHUTTING_DOWN', 'the server has ended'));
    await Promise.all(closed);
  }

  async #answer(request: IncomingMessage, response: ServerResponse, guard: Guard | undefined): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const controller = new AbortController();
    this.#open.add(controller);
    response.once('close', () => {
      this.#open.delete(controller);
      controller.abort();
    });
    // What 'close' tells as well.
    request.on('error', () => {});
    response.on('error', () => {});
    try {
      guard?.check(request);
      if (answerHealth(request, response, () => this.#unready())) return;
      await this.#route(request, response, guard !== undefined, controller.signal);
    } catch (error) {
      sendError(response, error);
      if (!(error instanceof Refusal || error instanceof PreforkError || controller.signal.aborted)) {
        const { method = '', url = '' } = request;
        publish({
          type: 'server:notice',
          message: `the admin API failed at ${method} ${url.slice(0, 100)}: ${messageOf(error)}`,
        });
      }
    }
  }

  #unready(): string | undefined {
    const { ready, why } = this.#controlled.readiness();
    return ready ? undefined : why;
  }

  async #route(request: IncomingMessage, response: ServerResponse, isGuarded: boolean, signal: AbortSignal): Promise<void> {
    const { url = '', method = '' } = request;
    const [path = ''] = url.split('?', 1);
    if (await this.#dashboard.answer(request, response, path)) return;
    const found = findRoute(path);
    if (found === undefined) throw new Refusal(404, 'there is nothing at this path; GET / tells what there is');
    const answer = method === 'POST' ? found.route.POST : method === 'GET' || method === 'HEAD' ? found.route.GET : undefined;
    if (answer === undefined) {
      const allowed = methodsOf(found.route);
      throw new Refusal(405, `found the method ${method}, expected ${allowed}`, { Allow: allowed });
    }
    const body = method === 'POST' ? await readBody(request, isGuarded) : {};
    const { subject } = found;
    const [controlled, events, history] = [this.#controlled, this.#events, this.#history];
    await answer({ request, response, subject, body, signal, controlled, events, history });
  }
}

function methodsOf({ GET, POST }: Route): string {
  return [...(GET === undefined ? [] : ['GET', 'HEAD']), ...(POST === undefined ? [] : ['POST'])].join(', ');
}
