/**
 * HTTP/2 at the front: each stream becomes a request of HTTP/1.1 on a connection within this process, so that the same front answers it, with the
 * same checks, and every handler gets what it knows. The way back is the same. It costs a second parser and no system call.
 */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { KEEP_ALIVE_MS } from './connection.ts';
import { acceptedHeaders, joinTunnel, tunnelRequest, upgradeHeaders } from './http2-tunnel.ts';
import { PairedSocket } from './paired-socket.ts';

/** Requests that a client may have under way on one connection. */
const MOST_STREAMS = 100;
/** How long a client may take to end its side of a stream that was refused. */
const LINGER_MS = 1000;

export interface Http2Options {
  readonly maxHeaderBytes: number;
  /** How long a client may take for its first words, ms. */
  readonly headersTimeoutMs: number;
  /** How long a connection without a request is kept, ms. */
  readonly keepAliveTimeoutMs: number;
  /** Takes a connection as if it had come from outside. */
  readonly connect: (socket: PairedSocket) => void;
  /** Whether anybody takes an `Upgrade`, now. */
  readonly takesUpgrades: () => boolean;
}

/** RFC 9113, 8.2.2: these belong to a connection of HTTP/1.1, and are an error in HTTP/2. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings']);

/** Serves a connection on which HTTP/2 was agreed. */
export function serveHttp2(socket: TLSSocket, options: Http2Options): ServerHttp2Session {
  const session = performServerHandshake(socket, {
    // A list counts 32 bytes more for each header than its text has (RFC 9113, 6.5.2).
    settings: {
      maxConcurrentStreams: MOST_STREAMS,
      maxHeaderListSize: 4 * options.maxHeaderBytes,
      // What was said of it can not be taken back (RFC 8441, 3), and a reload may change who takes them.
      enableConnectProtocol: true,
    },
  });
  const open = new Set<ServerHttp2Stream>();
  session.on('error', () => session.destroy());
  closeIdle(session, open, options);
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => {
    open.add(stream);
    bridge(stream, headers, (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0, socket, options);
  });
  return session;
}

/**
 * As with HTTP/1.1: the first words have to come within the time for headers, and a request within that for idleness. What else comes is no request,
 * be it a ping or a piece of headers every now and then, and gives no more time. A stream under way is no idleness, however long it says nothing.
 */
function closeIdle(session: ServerHttp2Session, open: Set<ServerHttp2Stream>, options: Http2Options): void {
  const silent = setTimeout(() => session.destroy(), options.headersTimeoutMs);
  const idle = setTimeout(() => {
    if (open.size === 0) session.close();
  }, options.keepAliveTimeoutMs);
  session.once('remoteSettings', () => {
    clearTimeout(silent);
    idle.refresh();
  });
  session.on('stream', (stream: ServerHttp2Stream) => {
    stream.once('close', () => {
      open.delete(stream);
      if (open.size === 0 && !session.destroyed) idle.refresh();
    });
  });
  session.once('close', () => {
    clearTimeout(silent);
    clearTimeout(idle);
  });
}

function bridge(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  hasBody: boolean,
  facts: TLSSocket,
  { connect, takesUpgrades }: Http2Options,
): void {
  stream.on('error', () => {});
  const tunnel = tunnelRequest(headers, takesUpgrades());
  if (tunnel.kind === 'refused') {
    refuse(stream, tunnel.status);
    return;
  }
  const isTunnel = tunnel.kind === 'websocket';
  const [inside, outside] = PairedSocket.pair(facts);
  // What it breaks off with is told by the request.
  outside.on('error', () => {});
  const request = isTunnel ? toUpgrade(headers, outside) : toRequest(headers, hasBody, outside);
  if (request === undefined) {
    inside.destroy();
    refuse(stream, 400);
    return;
  }
  connect(inside);
  if (isTunnel) {
    // A client that vanished would be held for ever.
    facts.setKeepAlive(true, KEEP_ALIVE_MS);
    request.once('upgrade', (response, _socket, head) => {
      if (stream.destroyed) return void outside.destroy();
      stream.respond({ ':status': 200, ...grouped(acceptedHeaders(response)) }, { sendDate: false } as object);
      joinTunnel(stream, inside, outside, head);
    });
  }
  request.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  request.on('continue', () => inform(stream, 100, []));
  request.on('information', ({ statusCode, rawHeaders }) => inform(stream, statusCode, rawHeaders));
  request.on('response', (response) => {
    // A success would be a WebSocket for the client, and it is none.
    if (isTunnel && response.statusCode !== undefined && response.statusCode < 300) response.statusCode = 502;
    answer(stream, response, headers[':method'] === 'HEAD');
    if (isTunnel) stream.once('finish', () => letGo(stream));
  });
  stream.once('close', () => request.destroy());
  stream.on('trailers', (trailers) => request.addTrailers(plain(trailers)));
  if (hasBody && !isTunnel) stream.pipe(request);
  else request.end();
}

/** @returns undefined for what can not be said in HTTP/1.1 */
function toUpgrade(headers: IncomingHttpHeaders, socket: PairedSocket): ClientRequest | undefined {
  const { 'content-length': _, ...rest } = headers;
  const request = toRequest({ ...rest, ':method': 'GET' }, false, socket);
  for (const [name, value] of Object.entries(upgradeHeaders())) request?.setHeader(name, value);
  return request;
}

/** @returns undefined for what can not be said in HTTP/1.1 */
function toRequest(headers: IncomingHttpHeaders, hasBody: boolean, socket: PairedSocket): ClientRequest | undefined {
  const { ':method': method = '', ':path': path = '', ':authority': authority } = headers;
  if (path === '') return undefined;
  try {
    const request = httpRequest({ method, path, setHost: false, createConnection: () => socket });
    for (const [name, value] of Object.entries(plain(headers))) request.setHeader(name, value);
    if (authority !== undefined) request.setHeader('host', authority);
    // RFC 9113, 8.2.3: a client may send its cookies one by one, and a server of HTTP/1.1 expects them together.
    if (Array.isArray(headers.cookie)) request.setHeader('cookie', headers.cookie.join('; '));
    // Nobody sent one: the connection is not the client's.
    request.removeHeader('connection');
    if (hasBody && headers['content-length'] === undefined) request.setHeader('transfer-encoding', 'chunked');
    return request;
  } catch {
    return undefined;
  }
}

/** Without what is of HTTP/2 or of a connection alone. */
function plain(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers))
    if (!name.startsWith(':') && value !== undefined && !HOP_BY_HOP.has(name)) kept[name] = value;
  return kept;
}

function refuse(stream: ServerHttp2Stream, status: 400 | 501): void {
  stream.respond({ ':status': status, 'content-length': '0' }, { endStream: true });
  letGo(stream);
}

/** A tunnel would stay open until its client ends it. A reset that comes with the answer makes some clients forget the answer. */
function letGo(stream: ServerHttp2Stream): void {
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_MS);
  stream.once('close', () => clearTimeout(timer));
  stream.resume();
}

function inform(stream: ServerHttp2Stream, status: number, rawHeaders: readonly string[]): void {
  if (stream.headersSent || stream.destroyed || status === 101) return;
  stream.additionalHeaders({ ':status': status, ...grouped(rawHeaders) });
}

function answer(stream: ServerHttp2Stream, response: IncomingMessage, isHead: boolean): void {
  if (stream.destroyed) return;
  const mayHaveTrailers = response.headers['transfer-encoding'] !== undefined && !isHead;
  const headers = { ':status': response.statusCode, ...grouped(response.rawHeaders) };
  stream.respond(headers, { waitForTrailers: mayHaveTrailers, sendDate: false } as object);
  if (mayHaveTrailers) stream.once('wantTrailers', () => stream.sendTrailers(grouped(response.rawTrailers)));
  response.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  response.pipe(stream);
}

/** Headers as HTTP/2 takes them: by lower-case names, one value each but for cookies. */
function grouped(raw: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    if (HOP_BY_HOP.has(name)) continue;
    const before = headers[name];
    if (name === 'set-cookie') cookies.push(value);
    else headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers;
}
