import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { ErrorCode } from '../errors/codes.ts';
import type { PreforkError } from '../errors/prefork-error.ts';

/** The one place that decides what a client gets for an error. Codes without a status never reach a client. */
const STATUS: Partial<Record<ErrorCode, number>> = {
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
  ERR_NO_WORKER: 503,
  ERR_SHUTTING_DOWN: 503,
  ERR_DEADLINE: 504,
};

const RETRY_AFTER_SECONDS = 1;

export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}

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
  const status = statusOf(error.code);
  const document = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.code === 'ERR_HANDLER_THREW' && !dev ? 'The handler failed.' : error.message,
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
    response.destroy();
    return;
  }
  const { status, headers, body } = toProblem(error, dev);
  // Headers that the handler had set before it failed belong to an answer that will not come.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(status, [...Object.entries(headers).flat(), ...more]);
  response.end(body);
}
