/** What the admin API answers: one row a path, with what each method does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { JSON_TYPE, sendJson, sendText } from './answer.ts';
import type { FiguresSeries } from './api.ts';
import type { Controlled } from './controlled.ts';
import { EVENTS_TYPE, type EventStream } from './event-stream.ts';
import { readIncidentId, readInspect, readNothing, readProfile, readScale, readStop, readWorkerRef } from './inputs.ts';
import type { Fields } from './read-body.ts';
import type { FiguresHistory } from './figures-history.ts';
import { Refusal } from './refusal.ts';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly controlled: Controlled;
  readonly events: EventStream;
  readonly history: FiguresHistory;
  /** The part of the path where its row has a `*`. */
  readonly subject: string;
  /** Of a POST. */
  readonly body: Fields;
  /** Aborts when the client is gone, or the API ends. */
  readonly signal: AbortSignal;
}

type Answer = (call: Call) => void | Promise<void>;

export interface Route {
  readonly GET?: Answer;
  readonly POST?: Answer;
}

const ABOUT = `prefork: the admin API

GET  /api/state                     what the server and its workers do
GET  /api/events                    the same, and what happens, as server-sent events
GET  /api/history                   the last ten minutes in figures, one sample a second
GET  /api/incidents[/ID]            tasks that were slow, hung, killed or crashed
GET  /api/settings                  the options in force, and where they came from
POST /api/workers/PID/trace         where a worker is
POST /api/workers/PID/profile       a CPU profile: { "seconds": 5 }
POST /api/workers/PID/heap          a heap snapshot
POST /api/workers/PID/inspect       opens its inspector until the connection ends: { "holdDeadline": false }
POST /api/workers/PID/recycle       replaces it without losing a task
POST /api/workers/PID/kill          ends it now
POST /api/reload                    loads the code anew
POST /api/scale                     { "workers": 4 }
POST /api/stop                      { "force": false }
GET  /metrics                       for Prometheus
GET  /livez, /readyz                for load balancers

PID may be a worker's id too, such as w3.
`;

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { GET: ({ response }) => sendText(response, 'text/plain; charset=utf-8', ABOUT) },
  '/metrics': {
    GET: ({ response, controlled }) => sendText(response, 'text/plain; version=0.0.4; charset=utf-8', controlled.metrics()),
  },
  '/api/state': { GET: ({ response, controlled }) => sendJson(response, controlled.state()) },
  '/api/settings': { GET: ({ response, controlled }) => sendJson(response, controlled.settings()) },
  '/api/history': { GET: ({ response, history }) => sendJson(response, { samples: history.samples } satisfies FiguresSeries) },
  '/api/events': { GET: listen },
  '/api/incidents': { GET: ({ response, controlled }) => sendJson(response, controlled.incidents()) },
  '/api/incidents/*': { GET: sendIncident },
  '/api/workers/*/trace': { POST: trace },
  '/api/workers/*/profile': { POST: profile },
  '/api/workers/*/heap': { POST: heap },
  '/api/workers/*/inspect': { POST: inspect },
  '/api/workers/*/recycle': { POST: recycle },
  '/api/workers/*/kill': { POST: kill },
  '/api/reload': { POST: reload },
  '/api/scale': { POST: scale },
  '/api/stop': { POST: stop },
};

/** The row of a path, and the part of it that its `*` stands for. */
export function findRoute(path: string): { readonly route: Route; readonly subject: string } | undefined {
  const exact = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (exact !== undefined && !path.includes('*')) return { route: exact, subject: '' };
  const [, before, subject, after = ''] = /^(\/api\/[a-z]+\/)([^/]+)(\/[a-z]+)?$/.exec(path) ?? [];
  const pattern = `${before}*${after}`;
  const route = Object.hasOwn(ROUTES, pattern) ? ROUTES[pattern] : undefined;
  return route === undefined || subject === undefined ? undefined : { route, subject };
}

function listen({ request, response, events }: Call): void {
  if (request.method === 'HEAD') {
    sendText(response, EVENTS_TYPE, '');
    return;
  }
  const last = request.headers['last-event-id'];
  events.attach(response, typeof last === 'string' ? last : undefined);
}

function sendIncident({ response, controlled, subject }: Call): void {
  const incident = controlled.incident(readIncidentId(subject));
  if (incident === undefined) throw new Refusal(404, `incident ${subject} is not known: there was none, or it is no longer kept`);
  sendJson(response, incident);
}

async function trace({ response, controlled, subject, body, signal }: Call): Promise<void> {
  readNothing(body);
  sendJson(response, await controlled.trace(readWorkerRef(subject), signal));
}

async function profile({ response, controlled, subject, body, signal }: Call): Promise<void> {
  sendText(response, JSON_TYPE, await controlled.profile(readWorkerRef(subject), readProfile(body), signal));
}

async function heap({ response, controlled, subject, body, signal }: Call): Promise<void> {
  readNothing(body);
  const pieces = controlled.heap(readWorkerRef(subject), signal)[Symbol.asyncIterator]();
  // A refusal comes in place of the first piece, and is to have a status of its own.
  const first = await pieces.next();
  response.writeHead(200, { 'Content-Type': JSON_TYPE });
  await pipeline(Readable.from(withFirst(first, pieces), { objectMode: false }), response);
}

async function* withFirst(first: IteratorResult<Uint8Array>, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** The answer stays open, and the inspector with it, until the client goes away. */
async function inspect({ response, controlled, subject, body, signal }: Call): Promise<void> {
  const { closed, ...inspection } = await controlled.inspect(readWorkerRef(subject), readInspect(body), signal);
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', Connection: 'close' });
  response.write(`${JSON.stringify(inspection)}\n`);
  // The API ends, or the worker: the client is not to take it for a broken connection.
  const end = (): void => void response.end();
  void closed.then(end);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
}

async function recycle({ response, controlled, subject, body }: Call): Promise<void> {
  readNothing(body);
  sendJson(response, await controlled.recycle(readWorkerRef(subject)));
}

async function kill({ response, controlled, subject, body }: Call): Promise<void> {
  readNothing(body);
  sendJson(response, await controlled.kill(readWorkerRef(subject)));
}

async function reload({ response, controlled, body }: Call): Promise<void> {
  readNothing(body);
  sendJson(response, await controlled.reload());
}

async function scale({ response, controlled, body }: Call): Promise<void> {
  sendJson(response, await controlled.scale(readScale(body)));
}

function stop({ response, controlled, body }: Call): void {
  sendJson(response, controlled.stop(readStop(body)));
}
