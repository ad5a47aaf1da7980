/** What is asked of the frameworks, in as few words as that takes: no package of theirs is needed, at run time or for the types. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { ConnectionFacts } from './carried-request.ts';

export type Next = (error?: unknown) => void;

/** Koa 2 and 3, with or without a router and a body parser. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: object;
  readonly originalUrl: string;
  readonly query: unknown;
  status: number;
  message: string;
  body: unknown;
  respond?: boolean | undefined;
  set(name: string, value: string | string[]): void;
  append(name: string, value: string | string[]): void;
  remove(name: string): void;
}

/** Fastify 4 and 5, over HTTP/1.1 or HTTP/2. */
export interface FastifyRequest {
  readonly raw: IncomingMessage | Http2ServerRequest;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export interface FastifyReply {
  readonly raw: ServerResponse | Http2ServerResponse;
  code(status: number): unknown;
  header(name: string, value: string | readonly string[]): unknown;
  getHeader(name: string): unknown;
  send(body?: unknown): unknown;
  hijack(): unknown;
}

/** Hono 4. */
export interface HonoContext {
  readonly req: {
    readonly raw: Request;
    param(): unknown;
    query(): unknown;
    /** Also of a body that was read as something else. */
    blob(): Promise<Blob>;
  };
  readonly env: unknown;
  header(name: string, value: string, options: { readonly append: boolean }): void;
  newResponse(body: ReadableStream | null, head: Response): Response;
}

/** h3 2. */
export interface H3Event {
  readonly req: Request;
  readonly context: object;
  readonly res: { readonly headers: Headers };
}

/** What Next gives to a route handler beside the request: `params` is a promise since Next 15. */
export interface RouteContext {
  readonly params?: unknown;
}

/** A node server below one of the web frameworks: @hono/node-server has its request in `env.incoming`, srvx in `runtime.node.req`. */
export function connectionBelow(holder: unknown): ConnectionFacts {
  const { incoming, runtime } = Object(holder) as { readonly incoming?: unknown; readonly runtime?: unknown };
  const { node } = Object(runtime) as { readonly node?: unknown };
  const { req = incoming } = Object(node) as { readonly req?: unknown };
  const { socket } = Object(req) as { readonly socket?: unknown };
  return Object(socket) as ConnectionFacts;
}

export function isMessage(value: unknown): value is IncomingMessage {
  return isObject(value) && Array.isArray(value['rawHeaders']) && typeof value['on'] === 'function';
}

export function isWebRequest(value: unknown): value is Request {
  if (!isObject(value) || typeof value['url'] !== 'string' || typeof value['arrayBuffer'] !== 'function') return false;
  return isObject(value['headers']) && typeof value['headers']['get'] === 'function';
}

export function isKoaContext(value: unknown): value is KoaContext {
  return isObject(value) && isMessage(value['req']) && isObject(value['res']) && 'originalUrl' in value;
}

export function isFastifyReply(value: unknown): value is FastifyReply {
  return isObject(value) && typeof value['hijack'] === 'function' && isObject(value['raw']);
}

export function isH3Event(value: unknown): value is H3Event {
  return isObject(value) && isWebRequest(value['req']);
}

export function isHonoContext(value: unknown): value is HonoContext {
  return isObject(value) && isObject(value['req']) && isWebRequest(value['req']['raw']);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
