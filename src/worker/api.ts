/**
 * What the functions of a pool, and handlers of requests that an app offloads, can ask for while they run. It is small, and loads nothing of the primary. Outside of a
 * worker there is nothing to ask: what is said there holds for a module that is tested by itself.
 *
 * @module prefork/worker
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { MessagePort } from 'node:worker_threads';
import { OFFLOADED } from '../channel/messages.ts';
import { decodeValue } from '../channel/value.ts';
import { giveResult } from './given-result.ts';
import { type CallContext, workerState } from './worker-state.ts';

const state = workerState();
const calls = (state.calls ??= new AsyncLocalStorage<CallContext>());
const never = new AbortController().signal;

/** The `workerData` option of the pool, a copy of it; undefined outside of a worker. */
export function workerData(): unknown {
  return state.workerData;
}

/** Aborts when nobody waits for the running call any more. Half a second later its worker ends. Outside of a call it never aborts. */
export function signal(): AbortSignal {
  return calls.getStore()?.signal ?? never;
}

/**
 * Tells the caller how far the running call is: `onReport` of its options gets a copy of the value. Outside of a call nothing happens.
 *
 * @throws Error ERR_NOT_CLONEABLE when the value can not be copied, ERR_TOO_LARGE when it does not fit into a frame (1 MB)
 */
export function report(value: unknown): void {
  calls.getStore()?.report(value);
}

/**
 * Returned or yielded from a function it gives the memory of ArrayBuffers in the value away, in place of a copy of it. They have no length
 * afterwards. Message ports may stand there too; they are always given away.
 */
export function transfer<T>(value: T, given: readonly (ArrayBuffer | MessagePort)[]): T {
  return giveResult(
    value,
    given.filter((each) => each instanceof ArrayBuffer),
  ) as T;
}

/** What the app knows of a request that it has offloaded. All of it are copies. */
export interface Offloaded<Context = unknown> {
  /** The parameters of the app's route. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The query as the app's framework parses it. */
  readonly query: Readonly<Record<string, unknown>>;
  /** What the option `context` of `offload` made of the request; undefined without it. */
  readonly context: Context;
}

/**
 * What the app that offloads has parsed of the request in hand.
 *
 * @param request what the handler was given: a Request, an IncomingMessage, or what Express, Koa, Fastify, Hono or h3 make of one.
 * One that no app has offloaded has no parameters, no query and no context.
 */
export function offloaded<Context = unknown>(request: object): Offloaded<Context> {
  const found = carrierOf(request);
  const known = found?.[OFFLOADED];
  if (found === undefined || typeof known !== 'string')
    return (known ?? { params: {}, query: {}, context: undefined }) as Offloaded<Context>;
  const decoded = decodeValue(Buffer.from(known, 'base64')) as Offloaded<Context>;
  found[OFFLOADED] = decoded;
  return decoded;
}

/** Frameworks wrap a request as `raw` (Fastify), as `req` (Koa, h3), or as both (Hono). */
function carrierOf(request: unknown, depth = 0): Record<symbol, unknown> | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  if (OFFLOADED in request) return request;
  if (depth === 2) return undefined;
  const { raw, req } = request as { readonly raw?: unknown; readonly req?: unknown };
  return carrierOf(raw, depth + 1) ?? carrierOf(req, depth + 1);
}
