import type { Socket } from 'node:net';
import { PreforkError } from '../errors/prefork-error.ts';
import type { Exchange } from './exchange.ts';
import { problemText } from './problem.ts';

/** Closed with bytes unread, a connection is reset, and the client may never see its answer: it has this long to read it. */
const LINGER_MS = 1000;

/** Connections on which something came that is no request: nothing after it is one, whatever it looks like. */
const broken = new WeakSet<Socket>();

/**
 * Answers what is no HTTP, or too much of it, or too slow, and ends the connection: after the answers that are under way on it,
 * and never in the middle of one.
 *
 * @param open the exchanges of this connection that are not over, in the order of their requests
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, open: readonly Exchange[], dev: boolean): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  if (broken.has(socket)) return;
  broken.add(socket);
  const problem = toClientProblem(error);
  const unfinished = open.find(({ request }) => !request.complete);
  if (unfinished !== undefined) {
    // It is the body of this one that is broken.
    unfinished.response.shouldKeepAlive = false;
    unfinished.fail(problem);
  }
  const text = unfinished === undefined ? problemText(problem, dev) : '';
  const last = open.at(-1);
  if (last === undefined) endWith(socket, text);
  else last.response.once('close', () => endWith(socket, text));
}

function endWith(socket: Socket, text: string): void {
  if (!socket.writable) return;
  socket.end(text);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

function toClientProblem(error: NodeJS.ErrnoException): PreforkError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new PreforkError('ERR_HEADERS_TOO_LARGE', 'the request line and headers are larger than the limit');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new PreforkError('ERR_REQUEST_TIMEOUT', 'the headers of the request did not arrive in time');
    default:
      return new PreforkError('ERR_BAD_REQUEST', 'the request is not valid HTTP/1.1');
  }
}
