import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { breakOff, toProblem } from '../http/problem.ts';
import type { Next } from './frameworks.ts';
import { encodeKnownValues } from './known-values.ts';
import { fromMessage, queryOf } from './message-request.ts';
import { NodeAnswer } from './node-answer.ts';
import { forTheApp, OffloadError } from './offload-error.ts';
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
export async function answerNode(
  request: IncomingMessage & ExpressRequest,
  response: ServerResponse,
  next: Next | undefined,
  route: Route,
): Promise<void> {
  try {
    await run(request, response, route);
  } catch (error) {
    const thrown = forTheApp(error);
    if (next === undefined) answerError(response, thrown instanceof OffloadError ? thrown : contextThrew(thrown));
    else next(thrown);
  }
}

async function run(request: IncomingMessage & ExpressRequest, response: ServerResponse, route: Route): Promise<void> {
  const url = request.originalUrl ?? request.url ?? '/';
  const { params, query = queryOf(url), body, rawBody } = request;
  const known = encodeKnownValues({ params, query, context: await route.context?.(request) });
  // The client went away while the app did something else.
  if (response.destroyed) return;
  const carried = fromMessage(request, url, { value: body, exact: rawBody });
  await new Promise<void>((resolve, reject) => {
    response.once('close', resolve);
    route.pool.run({
      request: carried,
      response: new NodeAnswer(response).asResponse,
      offloaded: known,
      deadlineMs: route.deadlineMs,
      priority: route.priority,
      onError: reject,
      endEarly: () => breakOff(response),
    });
  });
}

/** There is nobody else to tell. */
function contextThrew(thrown: unknown): OffloadError {
  return new OffloadError(
    new PreforkError('ERR_HANDLER_THREW', `the option context threw ${messageOf(thrown)}`, { cause: thrown }),
  );
}

/** Headers that the app has set stay. */
function answerError(response: ServerResponse, error: OffloadError): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body } = toProblem(error, false);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
