import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type ConnectionFacts, carriedRequest } from './carried-request.ts';
import { connectionBelow, type H3Event, type HonoContext, type RouteContext } from './frameworks.ts';
import { encodeKnownValues, type KnownValues } from './known-values.ts';
import { queryOf } from './message-request.ts';
import { forTheApp, OffloadError } from './offload-error.ts';
import { bodyRead } from './request-body.ts';
import type { Route } from './route.ts';
import { type AnswerHead, hasNoBody, WorkerAnswer } from './worker-answer.ts';

/** The client is gone: nobody reads it, and no error handler has to be troubled. As nginx has it in its log. */
const CLIENT_GONE = 499;

/** A route handler of Next, and every other function from a Request to a Response. An error is a problem document, as from the server. */
export async function answerWeb(request: Request, given: RouteContext | undefined, route: Route): Promise<Response> {
  const known = { params: await given?.params, query: queryOf(request.url), context: await route.context?.(request) };
  try {
    return await answer(request, bodyOf(request), known, {}, route);
  } catch (error) {
    const thrown = forTheApp(error);
    if (thrown instanceof OffloadError) return thrown.getResponse();
    throw thrown;
  }
}

/** Hono. @throws OffloadError, which Hono turns into a problem document unless the app has its own `onError` */
export async function answerHono(c: HonoContext, route: Route): Promise<Response> {
  const { raw } = c.req;
  const known = { params: c.req.param(), query: c.req.query(), context: await route.context?.(c) };
  // Hono keeps what its validators have read.
  const body = raw.bodyUsed ? bodyOfBlob(await c.req.blob(), raw) : bodyOf(raw);
  const response = await answer(raw, body, known, connectionBelow(c.env), route);
  // Beside those that middleware has set, which a Response of our own would lose, or lose its own to.
  for (const [name, value] of response.headers) c.header(name, value, { append: name === 'set-cookie' || name === 'vary' });
  return c.newResponse(response.body, new Response(null, { status: response.status }));
}

/** h3. @throws OffloadError in the form of its own errors */
export async function answerH3(event: H3Event, route: Route): Promise<Response> {
  const { params } = event.context as { readonly params?: unknown };
  const known = {
    params: isRecord(params) ? { ...params } : {},
    query: queryOf(event.req.url),
    context: await route.context?.(event),
  };
  try {
    const response = await answer(event.req, bodyOf(event.req), known, connectionBelow(event.req), route);
    // Of the headers that both have h3 takes the app's.
    const vary = response.headers.get('vary');
    if (vary !== null && event.res.headers.has('vary')) event.res.headers.append('vary', vary);
    return response;
  } catch (error) {
    const thrown = forTheApp(error);
    // By its name h3 knows an error that says itself what to answer; that of a handler stays one that nobody expected.
    if (thrown instanceof OffloadError && thrown.code !== 'ERR_HANDLER_THREW') {
      Object.defineProperties(thrown, { name: { value: 'HTTPError' }, headers: { value: new Headers(thrown.headers) } });
    }
    throw thrown;
  }
}

interface WebBody {
  readonly stream: Readable;
  /** Headers in place of those of the request. */
  readonly headers: Readonly<Record<string, string>>;
}

async function answer(
  request: Request,
  body: WebBody,
  known: KnownValues,
  connection: ConnectionFacts,
  { pool, deadlineMs, priority }: Route,
): Promise<Response> {
  const answered = new WorkerAnswer();
  const onAbort = (): void => void answered.body.destroy();
  try {
    const carried = carry(request, body, connection);
    pool.run({ ...answered.parts, request: carried, offloaded: encodeKnownValues(known), deadlineMs, priority });
  } catch (error) {
    throw forTheApp(error);
  }
  if (request.signal.aborted) onAbort();
  request.signal.addEventListener('abort', onAbort, { once: true });
  answered.body.once('close', () => request.signal.removeEventListener('abort', onAbort));
  const head = await answered.head;
  return head === undefined ? new Response(null, { status: CLIENT_GONE }) : toResponse(head, answered.body, request.method);
}

function toResponse({ status, message, headers }: AnswerHead, body: Readable, method: string): Response {
  const init = { status, statusText: message, headers: new Headers() };
  for (const [name, value] of headers) {
    // It is about a connection that this answer does not know.
    if (name.toLowerCase() === 'connection') continue;
    for (const each of [value].flat()) init.headers.append(name, each);
  }
  if (hasNoBody(status) || method === 'HEAD') {
    body.resume();
    return new Response(null, init);
  }
  return new Response(toWeb(body), init);
}

/** A stream that was destroyed already would become one that ends well: https://github.com/nodejs/node/blob/v20.20.2/lib/internal/webstreams/adapters.js */
function toWeb(body: Readable): ReadableStream {
  if (!body.destroyed) return Readable.toWeb(body);
  return new ReadableStream({ start: (controller) => controller.error(body.errored ?? new Error('the answer ended early')) });
}

/** @throws PreforkError ERR_BODY_READ */
function bodyOf(request: Request): WebBody {
  if (request.bodyUsed) throw bodyRead(request.headers.get('content-type'));
  if (request.body === null) return { stream: Readable.from([]), headers: {} };
  const isFramed = request.headers.has('content-length') || request.headers.has('transfer-encoding');
  return {
    stream: Readable.fromWeb(request.body),
    headers: isFramed ? {} : { 'transfer-encoding': 'chunked' },
  };
}

/** A form that was read is written anew, with a boundary of its own. */
function bodyOfBlob(blob: Blob, { headers }: Request): WebBody {
  const type = blob.type.startsWith('multipart/') ? blob.type : (headers.get('content-type') ?? '');
  return {
    stream: Readable.fromWeb(blob.stream()),
    headers: { 'content-length': String(blob.size), ...(type === '' ? {} : { 'content-type': type }) },
  };
}

function carry(request: Request, { stream, headers: replaced }: WebBody, connection: ConnectionFacts): IncomingMessage {
  const url = new URL(request.url);
  const headers: Record<string, string> = { host: url.host, ...Object.fromEntries(request.headers), ...replaced };
  if ('content-length' in replaced) delete headers['transfer-encoding'];
  const facts = {
    method: request.method,
    url: `${url.pathname}${url.search}`,
    httpVersion: '1.1',
    headers,
    rawHeaders: Object.entries(headers).flat(),
    connection: { ...pick(connection), encrypted: url.protocol === 'https:' },
  };
  return carriedRequest(facts, stream);
}

/** They are getters of a socket. */
function pick({ remoteAddress, remotePort, localAddress, localPort }: ConnectionFacts): ConnectionFacts {
  return { remoteAddress, remotePort, localAddress, localPort };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
