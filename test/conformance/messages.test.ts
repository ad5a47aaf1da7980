import { TARGETS } from './targets.ts';
import { topic, type Check } from './topic.ts';
import type { WireResponse } from './take-response.ts';
import { exchange, jsonOf, requestText, valuesOf } from './wire.ts';

/** Headers that differ from answer to answer, and those that prefork adds; other tests look at them. */
const APART = new Set(['date', 'connection', 'keep-alive', 'server-timing', 'x-worker']);

function essence(response: WireResponse | null): unknown {
  if (response === null) return null;
  const { status, reason, framing, body, isComplete } = response;
  return {
    status,
    reason,
    headers: response.headers.filter(([name]) => !APART.has(name.toLowerCase())),
    framing,
    body,
    isComplete,
  };
}

function answers(
  method: string,
  target: string,
  expect: { status: number; reason: string; headers: string[][]; framing: string; body: string },
): Check {
  return {
    see: async ({ port }) => essence(await exchange(port, requestText(method, target))),
    expect: { ...expect, isComplete: true },
  };
}

async function echo(port: number, request: string): Promise<Record<string, unknown>> {
  return { ...jsonOf(await exchange(port, request)) };
}

const ok = { status: 200, reason: 'OK', framing: 'length' };

topic(
  'messages',
  { handler: 'protocol.mjs', targets: TARGETS },
  {
    'GET is answered as the handler wrote it': answers('GET', '/one-piece', {
      ...ok,
      headers: [['Content-Length', '9']],
      body: 'one piece',
    }),
    'HEAD gets the head of GET and no body': answers('HEAD', '/length', {
      ...ok,
      headers: [['Content-Length', '11']],
      framing: 'none',
      body: '',
    }),
    'HEAD gets no body even if the handler writes one': answers('HEAD', '/head-with-body', {
      ...ok,
      headers: [['Content-Length', '9']],
      framing: 'none',
      body: '',
    }),
    'HEAD of an answer without a length': answers('HEAD', '/two-pieces', { ...ok, headers: [], framing: 'none', body: '' }),
    'a Content-Length of the handler stands': answers('GET', '/length', {
      ...ok,
      headers: [['Content-Length', '11']],
      body: 'exactly so!',
    }),
    'an answer without a length is chunked': answers('GET', '/two-pieces', {
      ...ok,
      headers: [['Transfer-Encoding', 'chunked']],
      framing: 'chunked',
      body: 'two pieces',
    }),
    'an empty answer has the length 0': answers('GET', '/empty', { ...ok, headers: [['Content-Length', '0']], body: '' }),
    'an empty answer whose head went ahead is chunked': answers('GET', '/empty-chunked', {
      ...ok,
      headers: [['Transfer-Encoding', 'chunked']],
      framing: 'chunked',
      body: '',
    }),
    '204 has no body and no length': answers('GET', '/status?code=204', {
      status: 204,
      reason: 'No Content',
      headers: [['ETag', '"1"']],
      framing: 'none',
      body: '',
    }),
    '304 has no body and no length': answers('GET', '/status?code=304', {
      status: 304,
      reason: 'Not Modified',
      headers: [['ETag', '"1"']],
      framing: 'none',
      body: '',
    }),
    ...Object.fromEntries(
      [
        [301, 'Moved Permanently'],
        [302, 'Found'],
        [303, 'See Other'],
        [307, 'Temporary Redirect'],
        [308, 'Permanent Redirect'],
      ].map(([status, reason]) => [
        `the redirect ${status} is passed on, not followed`,
        answers('GET', `/status?code=${status}`, {
          status: Number(status),
          reason: String(reason),
          headers: [
            ['Location', '/elsewhere?a=b'],
            ['Transfer-Encoding', 'chunked'],
          ],
          framing: 'chunked',
          body: `status ${status}`,
        }),
      ]),
    ),
    'an error status of the handler is its own answer': answers('GET', '/status?code=503', {
      status: 503,
      reason: 'Service Unavailable',
      headers: [
        ['ETag', '"1"'],
        ['Transfer-Encoding', 'chunked'],
      ],
      framing: 'chunked',
      body: 'status 503',
    }),
    'a status and reason of the handler stand': answers('GET', '/reason', {
      status: 299,
      reason: 'Quite Fine',
      headers: [['Transfer-Encoding', 'chunked']],
      framing: 'chunked',
      body: '',
    }),
    'several Set-Cookie stay several': answers('GET', '/cookies', {
      ...ok,
      headers: [
        ['Set-Cookie', 'a=1; Path=/'],
        ['Set-Cookie', 'b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT'],
        ['Set-Cookie', 'c=3; HttpOnly'],
        ['Content-Length', '3'],
      ],
      body: 'set',
    }),
    'headers of an answer keep case, order and duplicates': answers('GET', '/raw-headers', {
      ...ok,
      framing: 'chunked',
      headers: [
        ['X-CaSe', 'Kept'],
        ['x-twice', 'one'],
        ['X-Other', ''],
        ['x-twice', 'two'],
        ['X-Latin', 'caf\u00e9'],
        ['Transfer-Encoding', 'chunked'],
      ],
      body: 'raw',
    }),
    'an answer has one Date': {
      see: async ({ port }) => {
        const dates = valuesOf(await exchange(port, requestText('GET', '/one-piece')), 'date');
        return { count: dates.length, isValid: dates.every((date) => !Number.isNaN(Date.parse(date))) };
      },
      expect: { count: 1, isValid: true },
    },
    ...Object.fromEntries(
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].map((method) => [
        `${method} reaches the handler`,
        { see: async ({ port }) => (await echo(port, requestText(method, '/echo')))['method'], expect: method } satisfies Check,
      ]),
    ),
    'OPTIONS * reaches the handler': {
      see: async ({ port }) => (await echo(port, requestText('OPTIONS', '*')))['url'],
      expect: '*',
    },
    'headers of a request keep case, order, duplicates and bytes': {
      see: async ({ port }) => {
        const { rawHeaders, headers } = await echo(
          port,
          'GET /echo HTTP/1.1\r\nhOsT: example.test:80\r\nX-Twice: one\r\nAccept: a\r\nx-twice:two  \r\nCookie: a=1\r\nX-Empty:\r\nCookie: b=2\r\naccept:\tb\r\nX-Latin: caf\xe9\r\nUser-Agent: one\r\nUser-Agent: two\r\n\r\n',
        );
        return { rawHeaders, headers };
      },
      expect: {
        rawHeaders: [
          ['hOsT', 'example.test:80'],
          ['X-Twice', 'one'],
          ['Accept', 'a'],
          ['x-twice', 'two'],
          ['Cookie', 'a=1'],
          ['X-Empty', ''],
          ['Cookie', 'b=2'],
          ['accept', 'b'],
          ['X-Latin', 'caf\u00e9'],
          ['User-Agent', 'one'],
          ['User-Agent', 'two'],
        ].flat(),
        headers: {
          host: 'example.test:80',
          'x-twice': 'one, two',
          accept: 'a, b',
          cookie: 'a=1; b=2',
          'x-empty': '',
          'x-latin': 'caf\u00e9',
          'user-agent': 'one',
        },
      },
    },
    '__proto__ is a header like any other': {
      see: async ({ port }) => (await echo(port, requestText('GET', '/echo', ['__proto__: x', 'constructor: y'])))['rawHeaders'],
      expect: ['Host', 'example.test', '__proto__', 'x', 'constructor', 'y'],
    },
  },
);
