/**
 * The other end of the admin API: what the commands speak. Whatever goes wrong is a PreforkError with the words of the server, or with what
 * to do when it can not be reached.
 */
import { type ClientRequest, type IncomingMessage, request as startRequest, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { ERRORS, type ErrorCode } from '../errors/codes.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { AdminEvent } from './api.ts';
import { readEvents } from './read-events.ts';

/** Where a server's admin API is: its socket, or a port of this machine with the token that the server printed. */
export type AdminTarget =
  | { readonly socket: string }
  | { readonly host: string; readonly port: number; readonly token: string | undefined };

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Longest silence of the server, ms. Default 10,000 for what is answered at once (GET), else none: a reload takes its time. */
  readonly timeoutMs?: number;
}

/** The primary answers at once, whatever its workers do; one that does not is stopped, or is itself the worker (mode blocking). */
const ANSWER_MS = 10_000;

export class AdminClient {
  readonly target: AdminTarget;

  constructor(target: AdminTarget) {
    this.target = target;
  }

  get<T>(path: string, options: AskOptions = {}): Promise<T> {
    return this.#json<T>('GET', path, undefined, { timeoutMs: ANSWER_MS, ...options });
  }

  post<T>(path: string, body: object, options: AskOptions = {}): Promise<T> {
    return this.#json<T>('POST', path, body, options);
  }

  /** An answer that is read as it comes. */
  async stream(method: 'GET' | 'POST', path: string, body?: object, options: AskOptions = {}): Promise<IncomingMessage> {
    const response = await this.#send(method, path, body, options);
    if (response.statusCode === 200) return response;
    throw toError(response, await this.#textOf(response));
  }

  /** What happens, from now on; ends with the connection. */
  async *events(signal: AbortSignal): AsyncIterable<AdminEvent> {
    yield* readEvents(await this.stream('GET', '/api/events', undefined, { signal }));
  }

  async #json<T>(method: 'GET' | 'POST', path: string, body: object | undefined, options: AskOptions): Promise<T> {
    const response = await this.#send(method, path, body, options);
    const answer = await this.#textOf(response);
    if (response.statusCode !== 200) throw toError(response, answer);
    try {
      // The server is of the same version, or its fields are missing where they are used.
      return JSON.parse(answer) as T;
    } catch {
      throw new PreforkError('ERR_ADMIN', `${describeTarget(this.target)}: the answer is no JSON; is this a prefork server?`);
    }
  }

  async #textOf(response: IncomingMessage): Promise<string> {
    try {
      return await text(response);
    } catch (error) {
      throw new PreforkError('ERR_ADMIN', `${describeTarget(this.target)}: the answer broke off`, { cause: error });
    }
  }

  #send(method: string, path: string, body: object | undefined, options: AskOptions): Promise<IncomingMessage> {
    const { target } = this;
    const address: RequestOptions = 'socket' in target ? { socketPath: target.socket } : { host: target.host, port: target.port };
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if ('token' in target && target.token !== undefined) headers['authorization'] = `Bearer ${target.token}`;
    return new Promise((resolve, reject) => {
      let request: ClientRequest;
      try {
        request = startRequest({
          ...address,
          method,
          path,
          headers,
          agent: false,
          ...(options.signal ? { signal: options.signal } : {}),
        });
      } catch (error) {
        reject(unreachable(target, error));
        return;
      }
      request.once('response', resolve);
      request.once('error', (error) => reject(options.signal?.aborted === true ? error : unreachable(target, error)));
      const { timeoutMs } = options;
      if (timeoutMs !== undefined) request.setTimeout(timeoutMs, () => request.destroy(new Silence(timeoutMs)));
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** Somebody listens, and says nothing. */
export class Silence extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s: the server is stopped, or computes itself (mode blocking)`);
  }
}

function describeTarget(target: AdminTarget): string {
  return 'socket' in target ? target.socket : `http://${target.host}:${target.port}`;
}

function unreachable(target: AdminTarget, error: unknown): PreforkError {
  const code = (error as NodeJS.ErrnoException).code;
  const why = code === 'ECONNREFUSED' || code === 'ENOENT' ? 'no server listens there' : messageOf(error);
  return new PreforkError('ERR_NO_SERVER', `${describeTarget(target)}: ${why}`, { cause: error });
}

/** In the server's own words. */
function toError({ statusCode = 0 }: IncomingMessage, answer: string): PreforkError {
  const problem = parseProblem(answer);
  const said = typeof problem['detail'] === 'string' ? problem['detail'] : `the server answered with status ${statusCode}`;
  const detail = statusCode === 401 ? `${said}; give it in PREFORK_TOKEN, or as the end of --url, #token=…` : said;
  return new PreforkError(isErrorCode(problem['code']) ? problem['code'] : 'ERR_ADMIN', detail);
}

function parseProblem(answer: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(answer);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
