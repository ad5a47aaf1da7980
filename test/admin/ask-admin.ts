import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AdminProblem, State } from '../../src/admin/api.ts';

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

export async function problemOf(place: AdminPlace, path: string, ask: AdminAsk = {}): Promise<AdminProblem> {
  return (await askAdmin(place, path, ask)).json() as AdminProblem;
}
