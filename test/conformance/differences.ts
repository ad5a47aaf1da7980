import type { Target } from './targets.ts';

export type TopicName =
  | 'messages'
  | 'paths'
  | 'connections'
  | 'tunnels'
  | 'tunnels that nobody takes'
  | 'uploads'
  | 'answers'
  | `kind ${string}`
  | 'fetch'
  | 'failures'
  | 'failures in development'
  | 'garbage'
  | 'crashes'
  | 'deadline'
  | 'full queue'
  | 'queue timeout'
  | 'limits'
  | 'invalid requests'
  | 'refusals'
  | 'own headers'
  | 'own headers off'
  | 'escaping'
  | 'endings';

/** What some targets see instead of what is expected, and why that is right. */
export interface Difference {
  readonly topic: TopicName;
  readonly check: string;
  readonly targets: readonly Target[];
  readonly sees: unknown;
  readonly reason: string;
}

const NOT_CHECKED = 'node:http lets it through, and RFC 9112 forbids it: a proxy in front may read it in another way';
const ENDS_ALL = 'the handler runs in the primary, and nothing is left to answer when that ends';
const NO_QUEUE = 'tasks wait for nothing: all run at the same time in one event loop';

export const DIFFERENCES: readonly Difference[] = [
  ...[
    'two Hosts',
    'two Hosts of HTTP/1.0',
    'an empty Host',
    'a Host with a path',
    'a Host with user info',
    'a Host with a blank',
    'GET *',
  ].map((what): Difference => ({
    topic: 'invalid requests',
    check: `${what}: 400, and the end of the connection`,
    targets: ['bare'],
    sees: [200, ''],
    reason: NOT_CHECKED,
  })),
  {
    topic: 'invalid requests',
    check: 'garbage behind requests that still run: their answers, then 400',
    targets: ['bare'],
    sees: ['', undefined, undefined, ''],
    reason: 'node:http answers the garbage at once with an empty 400, in place of the requests that it has taken',
  },
  {
    topic: 'crashes',
    check: 'a worker that exits: 502',
    targets: ['blocking'],
    sees: { answer: null, next: 'ended' },
    reason: ENDS_ALL,
  },
  {
    topic: 'crashes',
    check: 'a worker that throws where nobody catches: 502',
    targets: ['blocking'],
    sees: { answer: null, next: 'ended' },
    reason: ENDS_ALL,
  },
  {
    topic: 'crashes',
    check: 'a worker that exits in the middle of an answer: it looks broken',
    targets: ['blocking'],
    sees: { answer: { status: 200, isComplete: false }, next: 'ended' },
    reason: ENDS_ALL,
  },
  ...['a worker that exits: 502', 'a worker that throws where nobody catches: 502'].map((check): Difference => ({
    topic: 'crashes',
    check,
    targets: ['cluster'],
    sees: { answer: null, next: 200 },
    reason: 'the worker holds the connection itself, which ends with it',
  })),
  {
    topic: 'deadline',
    check: 'a handler that never leaves a loop: 504, before the loop would have ended',
    targets: ['blocking'],
    sees: { answer: { status: 200, code: undefined, isSound: false }, inTime: false },
    reason: 'the loop holds up the primary itself, its timers included, and then the handler answers first',
  },
  {
    topic: 'deadline',
    check: 'a handler that never leaves a loop: 504, before the loop would have ended',
    targets: ['cluster'],
    sees: { answer: null, inTime: true },
    reason: 'the worker that holds the connection is ended, and nobody else can answer on it',
  },
  {
    topic: 'failures',
    check: 'a throw in the turn of the first bytes, which have not gone out yet: 500',
    targets: ['blocking', 'cluster'],
    sees: { status: 200, code: undefined, isSound: false },
    reason: 'the handler writes to the response of node:http itself, which has taken them',
  },
  {
    topic: 'full queue',
    check: 'one runs, one waits, and the next one gets 503 with Retry-After at once',
    targets: ['blocking', 'cluster'],
    sees: { turnedAway: [], statuses: [200, 200, 200] },
    reason: NO_QUEUE,
  },
  {
    topic: 'queue timeout',
    check: 'one that waits longer than the queue timeout gets 503 with Retry-After',
    targets: ['blocking', 'cluster'],
    sees: { turnedAway: [], statuses: [200, 200] },
    reason: NO_QUEUE,
  },
  {
    topic: 'connections',
    check: 'what follows a request with Connection: close is not answered, and in nobody\u2019s way',
    targets: ['bare'],
    sees: [400, ''],
    reason: 'node:http refuses the bytes that follow, and with them the request that it has taken',
  },
  {
    topic: 'answers',
    check: 'an answer longer than its Content-Length spills nothing into the next one',
    targets: ['bare', 'blocking', 'cluster'],
    sees: { status: 200, body: 'long', isComplete: true, spills: true },
    reason: 'the handler writes to the connection through the response of node:http, which counts no bytes',
  },
];
