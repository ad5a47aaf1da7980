/**
 * The door of this room, which gives single routes of an app to workers. It finds out which framework calls a route, and has the adapter of that
 * one carry the request over and the answer back. It runs in the app's process, and loads nothing of the offloaded module there. What fails goes
 * to the error handling of the framework as an OffloadError; once the answer has begun, its connection is broken off.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PreforkError } from '../errors/prefork-error.ts';
import { answerFastify } from './answer-fastify.ts';
import { answerKoa } from './answer-koa.ts';
import { answerNode } from './answer-node.ts';
import { answerH3, answerHono, answerWeb } from './answer-web.ts';
import {
  type FastifyReply,
  type FastifyRequest,
  type H3Event,
  type HonoContext,
  isFastifyReply,
  isH3Event,
  isHonoContext,
  isKoaContext,
  isMessage,
  isWebRequest,
  type KoaContext,
  type Next,
  type RouteContext,
} from './frameworks.ts';
import { type OffloadOptions, readOffloadOptions, readRouteOptions, type RouteOptions } from './offload-options.ts';
import { OffloadPool } from './offload-pool.ts';
import type { Route } from './route.ts';

/** The handler of a route, for whatever framework calls it. All routes that have it share its workers. */
export interface OffloadedRoute extends AsyncDisposable {
  /** Express, connect, Nest, and bare node:http. */
  (request: IncomingMessage, response: ServerResponse, next?: Next): Promise<void>;
  /** Koa */
  (context: KoaContext, next?: () => Promise<unknown>): Promise<void>;
  /** Fastify */
  (request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  /** A route handler of Next, and any other function from a Request to a Response. */
  (request: Request, context?: RouteContext): Promise<Response>;
  /** h3 */
  (event: H3Event): Promise<Response>;
  /** Hono */
  (context: HonoContext): Promise<Response>;
  /**
   * The handler of another route, with the same workers and options of its own.
   *
   * @throws PreforkError ERR_BAD_OPTION
   */
  with(options: RouteOptions): OffloadedRoute;
  /** Resolves when the first worker has loaded the module; rejects with the reason when it could not. */
  readonly ready: Promise<void>;
  /**
   * Takes no more requests, finishes those that it has (at most for `shutdownTimeout`), runs `teardown()` and ends the workers. With `force`
   * the requests get ERR_SHUTTING_DOWN and the workers end now. Safe to call again. An app that just ends need not call it.
   */
  close(options?: { readonly force?: boolean }): Promise<void>;
}

/**
 * Gives one heavy route of an app to workers: the module exports a handler as for `prefork serve` (a fetch function, a function `(req, res)`, or
 * an app), gets the request as the client sent it, and its answer streams back. The first worker is booted at once.
 *
 *     app.get('/report', offload(new URL('./report.ts', import.meta.url), { deadline: '30s', max: 4 }));
 *
 * @param entry a `file:` URL, or a path relative to the working directory
 * @throws PreforkError ERR_BAD_OPTION
 */
export function offload(entry: string | URL, options: OffloadOptions = {}): OffloadedRoute {
  const { pool, ...route } = readOffloadOptions(options);
  return toHandler({ ...route, pool: new OffloadPool(entry, pool) });
}

function toHandler(route: Route): OffloadedRoute {
  const { pool } = route;
  const close = ({ force = false }: { readonly force?: boolean } = {}): Promise<void> => pool.close(force);
  const handler = (first: unknown, second?: unknown, third?: unknown): Promise<unknown> => answer(first, second, third, route);
  const members: PropertyDescriptorMap & ThisType<OffloadedRoute> = {
    with: { value: (options: RouteOptions) => toHandler({ ...route, ...given(readRouteOptions(options)) }) },
    ready: { get: () => pool.ready() },
    close: { value: close },
    [Symbol.asyncDispose]: { value: () => close() },
  };
  return Object.defineProperties(handler, members) as OffloadedRoute;
}

/** What is left out stays as it is. */
function given<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function answer(first: unknown, second: unknown, third: unknown, route: Route): Promise<unknown> {
  if (isMessage(first)) {
    const next = typeof third === 'function' ? (third as Next) : undefined;
    return answerNode(first, second as ServerResponse, next, route);
  }
  if (isFastifyReply(second)) return answerFastify(first as FastifyRequest, second, route);
  if (isKoaContext(first)) return answerKoa(first, route);
  if (isWebRequest(first)) return answerWeb(first, second ?? undefined, route);
  if (isH3Event(first)) return answerH3(first, route);
  if (isHonoContext(first)) return answerHono(first, route);
  const expected = 'the arguments of a handler of Express, Koa, Fastify, Hono, h3, Nest, Next or node:http';
  return Promise.reject(
    new PreforkError('ERR_BAD_OPTION', `an offloaded route was called with ${typeof first}, expected ${expected}`),
  );
}
