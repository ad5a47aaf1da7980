import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export interface AskOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** Default GET. */
  readonly method?: string;
  /** A stream is sent in chunks, as it comes. */
  readonly body?: string | Uint8Array | Readable;
  /** Default none: a new connection for each request. */
  readonly agent?: Agent;
  /** Aborts the request and destroys its connection. */
  readonly signal?: AbortSignal;
}

/** A response whose head is here and whose body is still to be read. */
export interface LiveResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: IncomingMessage;
  readonly request: ClientRequest;
  /** Closes the connection at once, as a client does that goes away. */
  abort(): void;
}

export interface FullResponse extends Omit<LiveResponse, 'body' | 'request' | 'abort'> {
  readonly body: Buffer;
  text(): string;
  json(): unknown;
}

/** Sends a request and resolves when the head of the response is here. Rejects if the connection ends before. */
export function open(url: string, options: AskOptions = {}): Promise<LiveResponse> {
  const { headers = {}, method = 'GET', body, agent = false, signal } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent, ...(signal === undefined ? {} : { signal }) });
    request.on('error', reject);
    request.on('response', (response) => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        rawHeaders: response.rawHeaders,
        body: response,
        request,
        abort: () => void request.destroy(),
      });
    });
    // A server may answer and close before it has read the whole body; what counts is the answer, and `error` tells if there is none.
    if (body instanceof Readable) pipeline(body, request).catch(() => undefined);
    else request.end(body);
  });
}

/** Sends a request and resolves with the whole response. Rejects if the connection ends before it is complete. */
export async function get(url: string, options: AskOptions = {}): Promise<FullResponse> {
  const { status, headers, rawHeaders, body } = await open(url, options);
  const bytes = await buffer(body);
  const text = () => bytes.toString('utf8');
  return { status, headers, rawHeaders, body: bytes, text, json: (): unknown => JSON.parse(text()) };
}

export interface RawOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Ends the reading early, when it holds for all that came so far. Default: read until the server closes. */
  readonly enough?: (received: Buffer) => boolean;
}

/**
 * Writes exact bytes (of a string, one a character, as latin1 has it) to a new connection and resolves with all that comes back until the server closes it. A reset counts as a
 * close, for servers answer bad requests like that. Rejects only if there is no connection.
 */
export function raw(port: number, bytes: string | Uint8Array, options: RawOptions = {}): Promise<Buffer> {
  const { host = '127.0.0.1', enough = () => false } = options;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, host, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (enough(Buffer.concat(chunks))) socket.destroy();
    });
  });
}
