import { PreforkError } from '../errors/prefork-error.ts';
import { toProblem } from '../http/problem.ts';

/**
 * Why an offloaded request has no answer, in the form that the error handling of frameworks understands: Express, Koa, Fastify and h3 take
 * `status` or `statusCode` and `headers` from it, Hono asks it for a response. What the handler threw is its `cause`, and its stack is that of the worker:
 * error handlers print that one, and ours would say nothing.
 */
export class OffloadError extends PreforkError {
  /** The HTTP status that says it, 400 to 599. */
  readonly status: number;
  /** The same: frameworks look for either. */
  readonly statusCode: number;
  /** `retry-after`, with a 503. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the message is meant for the client. */
  readonly expose: boolean;

  /** @param known what happened */
  constructor(known: PreforkError) {
    const { code, message, task, incident } = known;
    super(code, message, {
      ...(known.cause === undefined ? {} : { cause: asError(known) }),
      ...(task === undefined ? {} : { task }),
      incident,
    });
    const { status, headers } = toProblem(known, false);
    this.status = status;
    this.statusCode = status;
    this.expose = status < 500;
    if (typeof known.cause === 'string') this.stack = `${this.name}: ${message}\n${framesOf(known.cause)}`;
    const retryAfter = headers['retry-after'];
    this.headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  }

  /** A problem document (RFC 9457), as the server sends it. */
  getResponse(): Response {
    const { status, headers, body } = toProblem(this, false);
    return new Response(body, { status, headers });
  }
}

/** What the app's own functions throw is its own, and stays what it is. */
export function forTheApp(error: unknown): unknown {
  return error instanceof PreforkError && !(error instanceof OffloadError) ? new OffloadError(error) : error;
}

/** The stack of a worker comes as text. */
function asError({ cause, message }: PreforkError): unknown {
  if (typeof cause !== 'string') return cause;
  const error = new Error(message);
  error.stack = cause;
  return error;
}

function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}
