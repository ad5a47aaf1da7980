import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from './frameworks.ts';
import { encodeKnownValues } from './known-values.ts';
import { fromMessage } from './message-request.ts';
import { forTheApp } from './offload-error.ts';
import type { Route } from './route.ts';
import { hasNoBody, WorkerAnswer } from './worker-answer.ts';

/** Fastify: the answer is sent through the reply, so that its hooks see it. @throws OffloadError */
export async function answerFastify(
  request: FastifyRequest,
  reply: FastifyReply,
  { pool, deadlineMs, priority, context }: Route,
): Promise<unknown> {
  // The API of HTTP/2 has what is asked for of that of HTTP/1.1.
  const raw = request.raw as IncomingMessage;
  const answer = new WorkerAnswer(reply.raw as ServerResponse);
  try {
    const { params, query, body } = request;
    const { originalUrl = raw.url ?? '/', rawBody } = request as { readonly originalUrl?: string; readonly rawBody?: unknown };
    const known = encodeKnownValues({ params, query, context: await context?.(request) });
    const carried = fromMessage(raw, originalUrl, { value: body ?? undefined, exact: rawBody });
    pool.run({ ...answer.parts, request: carried, offloaded: known, deadlineMs, priority });
  } catch (error) {
    throw forTheApp(error);
  }
  const head = await answer.head;
  if (head === undefined) {
    // Nobody is there to reply to.
    reply.hijack();
    return reply;
  }
  reply.code(head.status);
  // HTTP/2 has none.
  if (head.message !== '' && raw.httpVersionMajor < 2) reply.raw.statusMessage = head.message;
  for (const [name, value] of head.headers) {
    const before = /^vary$/i.test(name) ? reply.getHeader(name) : undefined;
    reply.header(name, before === undefined ? value : [before, value].flat().map(String));
  }
  return hasNoBody(head.status) ? reply.send() : reply.send(answer.body);
}
