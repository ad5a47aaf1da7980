import type { IncomingMessage, ServerResponse } from 'node:http';
import { breakOff, toProblem } from '../http/problem.ts';
import type { Next } from './frameworks.ts';
import { encodeKnownValues } from './known-values.ts';
import { fromMessage, queryOf } from './message-request.ts';
import { nodeAnswer } from './node-answer.ts';
import { OffloadError } from './offload-error.ts';
import type { Route } from './route.ts';

/** What Express, and whatever is like it, adds to a request. */
interface ExpressRequest {
  readonly originalUrl?: string;
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/**
 * Express, connect, Nest, and bare node:http: the answer is written into their response. An error goes to `next`; where there is none, the
 * client gets a problem document, as from the server. Resolves when the response is closed, or the error handed on; never rejects.
 */
export function answerNode(
  request: IncomingMessage & ExpressRequest,
  response: ServerResponse,
  next: Next | undefined,
  { pool, deadlineMs, context }: Route,
): Promise<void> {
  return new Promise((resolve) => {
    const onError = (error: OffloadError): void => {
      if (next === undefined) answerError(response, error);
      else next(error);
      resolve();
    };
    try {
      const url = request.originalUrl ?? request.url ?? '/';
      const { params, query = queryOf(url), body, rawBody } = request;
      const known = { params, query, context: context?.(request) };
      const carried = fromMessage(request, url, { value: body, exact: rawBody });
      response.once('close', resolve);
      pool.run({
        request: carried,
        response: nodeAnswer(response),
        offloaded: encodeKnownValues(known),
        deadlineMs,
        onError,
        endEarly: () => breakOff(response),
      });
    } catch (error) {
      onError(new OffloadError(error));
    }
  });
}

/** Headers that the app has set stay. */
function answerError(response: ServerResponse, error: OffloadError): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body } = toProblem(error, false);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
