import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadableStreamDefaultReader } from 'node:stream/web';
import { OFFLOADED } from '../channel/messages.ts';
import type { FetchHandler, NodeHandler } from './handler-kinds.ts';

/** Runs a fetch-style handler over Node's own request and response. */
export function fetchToNode(handler: FetchHandler): NodeHandler {
  warmFetch();
  return async (request, response) => {
    if (request.method === 'TRACE') {
      // The fetch standard has no request of this method, so no handler of this kind can implement it: RFC 9110, 15.6.2.
      response.writeHead(501, { 'content-length': '0' }).end();
      return;
    }
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new DOMException('the client is gone', 'AbortError'));
    });
    const answer = await handler(toRequest(request, response, gone.signal));
    assertResponse(answer);
    // First of all: that of srvx, which h3 answers with, has the type of its body among its headers only then.
    const { body } = answer;
    if (gone.signal.aborted) {
      await body?.cancel(gone.signal.reason);
      return;
    }
    writeHead(answer, response);
    if (request.method === 'HEAD') {
      // Nobody gets the body (RFC 9110, 9.3.2), and one that never ends, such as a stream of events, would hold up the head.
      response.end();
      await body?.cancel();
      return;
    }
    await writeBody(body, response, gone.signal);
  };
}

/** The first use of Request and Response costs a process some 50 ms: a spare pays it while it is idle. */
function warmFetch(): void {
  new Response('', { headers: { warm: 'yes' } });
  new Request('http://localhost/');
}

function toRequest(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Request {
  const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
  const origin = `${encrypted ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`;
  // An absolute target stands as it is; one that starts with // is a path all the same.
  const target = request.url ?? '/';
  const url = target.startsWith('/') ? `${origin}${target}` : new URL(target, origin).href;
  const headers = new Headers();
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    headers.append(request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '');
  }
  const method = request.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD' && carriesBody(request);
  const made = new Request(url, {
    method,
    headers,
    signal,
    ...(hasBody ? { body: requestBody(request, response), duplex: 'half' } : {}),
  });
  if (OFFLOADED in request) Reflect.set(made, OFFLOADED, request[OFFLOADED]);
  return made;
}

/**
 * The body of a request as a web stream that takes nothing before it is asked: `Readable.toWeb` begins to read at once, and
 * node:http then takes a body that the handler never looks at for one that is being read, and waits for ever for its end. What
 * nobody has asked for when the answer is complete is dropped, so that the connection can go on.
 */
function requestBody(request: IncomingMessage, response: ServerResponse): ReadableStream<Uint8Array> {
  let pieces: AsyncIterator<Buffer> | undefined;
  let isReading = false;
  let isDropped = false;
  const drop = (): void => {
    isDropped = true;
    // The iterator's; while there is one, the stream does not flow by itself.
    request.removeAllListeners('readable');
    request.resume();
  };
  response.once('finish', () => {
    if (!isReading && !request.readableEnded) drop();
  });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isDropped) throw new TypeError('the rest of the request body was dropped, because the answer is complete');
        pieces ??= (request as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
        isReading = true;
        const piece = await pieces.next();
        isReading = false;
        // A copy, because the memory is shared with other pieces, and a handler may transfer it.
        if (piece.done !== true) controller.enqueue(new Uint8Array(piece.value));
        else controller.close();
      },
      cancel: drop,
    },
    { highWaterMark: 0 },
  );
}

/** RFC 9112, 6.3: a request has a body when it announces a length or a transfer coding. */
function carriesBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

/** Also takes the Response of a polyfill, which is no instance of ours. */
function assertResponse(answer: unknown): asserts answer is Response {
  const fits = typeof answer === 'object' && answer !== null && 'status' in answer && 'headers' in answer && 'body' in answer;
  if (!fits) throw new TypeError(`the handler returned ${answer === null ? 'null' : typeof answer}, expected a Response`);
  if (answer.status === 0) throw new TypeError('the handler returned Response.error(), expected a Response with a status');
}

function writeHead(answer: Response, response: ServerResponse): void {
  response.statusCode = answer.status;
  if (answer.statusText !== '') response.statusMessage = answer.statusText;
  for (const [name, value] of answer.headers) {
    if (name !== 'set-cookie') response.setHeader(name, value);
  }
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
}

async function writeBody(body: Response['body'], response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (body === null) {
    response.end();
    return;
  }
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  signal.addEventListener('abort', () => void reader.cancel(signal.reason).catch(() => {}), { once: true });
  const opening = reader.read();
  // A stream that begins later, such as one of events, is announced now.
  if (!(await settlesNow(opening))) response.flushHeaders();
  const first = await opening;
  if (first.done) {
    response.end();
    return;
  }
  const next = reader.read();
  // A body of one piece, which most are, ends within this turn and gets a Content-Length; a stream goes out piece by piece.
  if ((await settlesNow(next))?.done === true) {
    response.end(first.value);
    return;
  }
  await write(first.value, response, signal);
  for (let piece = await next; !piece.done && !signal.aborted; piece = await reader.read()) {
    await write(piece.value, response, signal);
  }
  response.end();
}

/** What a read has found, or undefined when it takes longer than this turn of the event loop. */
function settlesNow<T>(read: Promise<T>): Promise<T | undefined> {
  return Promise.race([read, nextTurn()]);
}

function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(() => resolve(undefined));
  });
}

/** Settles when the response can take more, or when the client is gone. */
async function write(bytes: Uint8Array, response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const proceed = (): void => {
      response.off('drain', proceed);
      signal.removeEventListener('abort', proceed);
      resolve();
    };
    response.once('drain', proceed);
    signal.addEventListener('abort', proceed, { once: true });
  });
}
