import type { KoaContext } from './frameworks.ts';
import { encodeKnownValues } from './known-values.ts';
import { fromMessage } from './message-request.ts';
import { forTheApp } from './offload-error.ts';
import type { Route } from './route.ts';
import { hasNoBody, WorkerAnswer } from './worker-answer.ts';

/** Koa: the answer becomes `ctx.status`, headers and `ctx.body`, so that middleware around it sees it. @throws OffloadError */
export async function answerKoa(ctx: KoaContext, { pool, deadlineMs, priority, context }: Route): Promise<void> {
  const answer = new WorkerAnswer(ctx.res);
  try {
    const { body, rawBody } = ctx.request as { readonly body?: unknown; readonly rawBody?: unknown };
    const { params } = ctx as { readonly params?: unknown };
    const known = encodeKnownValues({ params, query: { ...(ctx.query as object) }, context: await context?.(ctx) });
    const request = fromMessage(ctx.req, ctx.originalUrl, { value: body, exact: rawBody });
    pool.run({ ...answer.parts, request, offloaded: known, deadlineMs, priority });
  } catch (error) {
    throw forTheApp(error);
  }
  const head = await answer.head;
  if (head === undefined) {
    // Nobody is there to respond to.
    ctx.respond = false;
    return;
  }
  // Koa sets the type of a stream that has none, and a status with any body.
  const hadType = ctx.res.hasHeader('content-type');
  ctx.body = hasNoBody(head.status) ? null : answer.body;
  if (!hadType) ctx.remove('Content-Type');
  ctx.status = head.status;
  // HTTP/2 has none.
  if (head.message !== '' && ctx.req.httpVersionMajor < 2) ctx.message = head.message;
  for (const [name, value] of head.headers) {
    const values = [value].flat();
    if (/^(set-cookie|vary)$/i.test(name)) ctx.append(name, values);
    else ctx.set(name, values.length === 1 ? (values[0] ?? '') : values);
  }
}
