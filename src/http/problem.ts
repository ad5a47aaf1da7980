import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { ErrorCode } from '../errors/codes.ts';
import type { PreforkError } from '../errors/prefork-error.ts';

/** The one place that decides what a client gets for an error. Codes without a status never reach a client. */
export const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_BAD_REQUEST: 400,
  ERR_REQUEST_TIMEOUT: 408,
  ERR_BODY_TOO_LARGE: 413,
  ERR_EXPECTATION_FAILED: 417,
  ERR_HEADERS_TOO_LARGE: 431,
  ERR_HANDLER_THREW: 500,
  ERR_HANDLER_RESPONSE: 502,
  ERR_WORKER_DIED: 502,
  ERR_WORKER_PROTOCOL: 502,
  ERR_QUEUE_FULL: 503,
  ERR_QUEUE_TIMEOUT: 503,
  ERR_LONG_LANE_FULL: 503,
  ERR_NO_WORKER: 503,
  ERR_SHUTTING_DOWN: 503,
  ERR_DEADLINE: 504,
};

const RETRY_AFTER_SECONDS = 1;

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * An error as `application/problem+json` (RFC 9457). What the handler threw is for its author: its message and stack are
 * shown in development alone.
 */
export function toProblem(error: PreforkError, dev: boolean): Problem {
  const status = STATUS[error.code] ?? 500;
  const document = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.code === 'ERR_HANDLER_THREW' && !dev ? 'The handler failed.' : error.message,
    ...(error.incident === undefined ? {} : { incident: error.incident }),
    ...(dev && typeof error.cause === 'string' ? { stack: error.cause } : {}),
  };
  const body = `${JSON.stringify(document)}\n`;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
    },
    body,
  };
}

/** The same for a connection that has no response object: the request could not be parsed. */
export function problemText(error: PreforkError, dev: boolean): string {
  const { status, headers, body } = toProblem(error, dev);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${lines.join('')}connection: close\r\n\r\n${body}`;
}

/**
 * Sends the problem with more raw headers, when nothing was sent before. Else the connection is broken off: half an answer
 * must not look whole.
 */
export function sendProblem(response: ServerResponse, error: PreforkError, dev: boolean, more: readonly string[]): void {
  if (response.headersSent || response.destroyed) {
    breakOff(response);
    return;
  }
  const { status, headers, body } = toProblem(error, dev);
  forgetAnswer(response);
  response.writeHead(status, STATUS_CODES[status] ?? 'Error', [...Object.entries(headers).flat(), ...more]);
  response.end(body);
}

/**
 * Ends a connection in the middle of an answer, so that the client can tell that the rest is missing. What was written before goes out,
 * as far as the client takes it: node:http holds the bytes of a turn of the event loop together until its end.
 */
export function breakOff(response: ServerResponse): void {
  setImmediate(() => response.destroy());
}

/**
 * What the handler had set before it failed belongs to an answer that will not come. A head that was refused for one bad header leaves
 * more behind: 204 and 304 that there is no body, and no public member takes that back.
 */
function forgetAnswer(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.sendDate = true;
  response.chunkedEncoding = false;
  if ('_hasBody' in response) response._hasBody = response.req.method !== 'HEAD';
}
