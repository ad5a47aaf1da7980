/**
 * What a spare for requests does while it waits: it serves requests of nothing on a worker that speaks to nobody, until the first real one comes. Much of
 * what a request takes in a new process is code that was never compiled (docs/decisions/0026-rehearsals.md). No handler of the user is run, and nothing
 * goes out. Where anybody looks at all requests of node:http there is none: whoever counts them would count these.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import process from 'node:process';
import type { FetchHandler, NodeHandler } from './handler-kinds.ts';
import { fetchToNode } from './fetch-adapter.ts';
import { frameOf } from './nowhere.ts';

/** Most of what the first request takes is gone after so many. A hundred more would make the next ones faster by a tenth, for 3 MB and 30 ms of CPU. */
export const TURNS = 3;
/** One that was booted for a request that waits gets it in less, ms. */
export const REST_MS = 5;

const BODY = JSON.stringify({ rehearsed: true, items: ['one', 'two', 'three'] });

const ANSWER_AS_NODE: NodeHandler = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'x-url': request.url ?? '' });
  response.end(BODY);
};

const ANSWER_AS_FETCH: FetchHandler = (request) =>
  new Response(BODY, { headers: { 'content-type': 'application/json', 'x-method': request.method } });

/** In place of the user's handler, of the same kind. */
export function answering(isFetch: boolean): NodeHandler {
  return isFetch ? fetchToNode(ANSWER_AS_FETCH) : ANSWER_AS_NODE;
}

/** The bytes of a request as a browser sends it. */
export function requestFrame(): Buffer {
  return frameOf({
    type: 'StartTask',
    task: 1,
    slot: 0,
    ahead: false,
    head: {
      method: 'GET',
      url: '/rehearsal?number=7',
      httpVersion: '1.1',
      headers: [
        'Host',
        'localhost',
        'User-Agent',
        'prefork',
        'Accept',
        '*/*',
        'Accept-Encoding',
        'gzip',
        'Connection',
        'keep-alive',
      ],
      hasBody: false,
      isTunnel: false,
      encrypted: false,
      remoteAddress: '127.0.0.1',
      remotePort: 1,
      localAddress: '127.0.0.1',
      localPort: 2,
    },
  });
}

const PRELOADS = /(^|\s)(-r|--require|--import|--loader|--experimental-loader)\b/;
/** Node marks responses with it while somebody observes them (`PerformanceObserver`, entries of type `http`). */
const OBSERVED = 'ServerResponseStatistics';

/** What requests and responses could do before any code of the user was loaded: made early, and asked later whether that is still so. */
export class Untouched {
  readonly #before = [ServerResponse.prototype, IncomingMessage.prototype].flatMap((prototype) =>
    chainOf(prototype).map((link) => ({
      link,
      own: Object.getOwnPropertyDescriptors(link) as Record<string, PropertyDescriptor>,
    })),
  );

  /** Whether nobody can have taken notice of requests in general. */
  get isSo(): boolean {
    if (PRELOADS.test([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' '))) return false;
    const response = new ServerResponse(new IncomingMessage(undefined as never));
    if (Object.getOwnPropertySymbols(response).some(({ description }) => description === OBSERVED)) return false;
    return this.#before.every(({ link, own }) => {
      const now = Object.getOwnPropertyDescriptors(link) as Record<string, PropertyDescriptor>;
      const names = Reflect.ownKeys(now) as string[];
      return names.length === Reflect.ownKeys(own).length && names.every((name) => isSame(now[name], own[name]));
    });
  }
}

function chainOf(prototype: object): object[] {
  const links: object[] = [];
  for (
    let link: object | null = prototype;
    link !== null && link !== Object.prototype;
    link = Object.getPrototypeOf(link) as object | null
  )
    links.push(link);
  return links;
}

function isSame(one: PropertyDescriptor | undefined, other: PropertyDescriptor | undefined): boolean {
  return one?.value === other?.value && one?.get === other?.get && one?.set === other?.set;
}
