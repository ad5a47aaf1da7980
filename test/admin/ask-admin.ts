import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AdminProblem, State } from '../../src/admin/api.ts';
import type { StackReport } from '../../src/diagnostics/stack-report.ts';
import { until } from '../support/until.ts';

export interface AdminAsk {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as JSON unless the headers say otherwise. A text is sent as it is. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Where an admin API is: the path of its socket, or its port. */
export type AdminPlace = string | number;

/** Asks an admin API, and resolves when the head of its answer is here. */
export function openAdmin(place: AdminPlace, path: string, ask: AdminAsk = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, signal } = ask;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const where = typeof place === 'string' ? { socketPath: place } : { host: '127.0.0.1', port: place };
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      ...where,
      path,
      method,
      agent: false,
      headers: { ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}), ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
    request.once('response', resolve);
    request.on('error', reject);
    request.end(text);
  });
}

export interface AdminAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  json(): unknown;
}

/** The whole answer. */
export async function askAdmin(place: AdminPlace, path: string, ask: AdminAsk = {}): Promise<AdminAnswer> {
  const response = await openAdmin(place, path, ask);
  const text = (await buffer(response)).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: (): unknown => JSON.parse(text) };
}

export async function stateOf(place: AdminPlace): Promise<State> {
  return (await askAdmin(place, '/api/state')).json() as State;
}

/**
 * Looks into a worker until this function is what it computes: that a task was sent to it does not mean that it has begun, and what leads to a loop
 * computes too.
 */
export function computingIn(place: AdminPlace, worker: string, name: string): Promise<StackReport> {
  let last: StackReport | undefined;
  return until(
    async () => {
      const answer = await askAdmin(place, `/api/workers/${worker}/trace`, { method: 'POST' });
      // One that is demoted on a crowded machine may not answer in time.
      if (answer.status !== 200) return null;
      last = answer.json() as StackReport;
      return last.verdict === 'computing' && last.frames[0]?.function === name && last;
    },
    { describe: () => `${worker} to compute in ${name}; it was ${last?.summary}`, withinMs: 60_000 },
  );
}

export async function problemOf(place: AdminPlace, path: string, ask: AdminAsk = {}): Promise<AdminProblem> {
  return (await askAdmin(place, path, ask)).json() as AdminProblem;
}
