import { until } from '../support/until.ts';
import { Gate } from './gate.ts';
import { problem, problemIn } from './problem.ts';
import { MODES } from './targets.ts';
import { topic, type Check } from './topic.ts';
import { Wire, exchange, jsonOf, requestText, valuesOf } from './wire.ts';

/** Status, reason, the headers of the answer's own, framing and body. */
function answers(method: string, target: string, expect: unknown): Check {
  return {
    see: async ({ port }) => {
      const response = await exchange(port, requestText(method, target));
      const own = response?.headers.filter(([name]) => !/^(?:date|connection|keep-alive|server-timing|x-worker)$/i.test(name));
      return [response?.status, response?.reason, Object.fromEntries(own ?? []), response?.framing, response?.body];
    },
    expect,
  };
}

const text = 'text/plain;charset=UTF-8';

topic(
  'fetch',
  { handler: 'fetch-protocol.mjs', targets: MODES },
  {
    'a text is answered with its length': answers('GET', '/text', [
      200,
      'OK',
      { 'content-type': text, 'Content-Length': '9' },
      'length',
      'one piece',
    ]),
    'a Content-Length of the handler stands': answers('GET', '/length', [
      200,
      'OK',
      { 'content-type': text, 'content-length': '11' },
      'length',
      'exactly so!',
    ]),
    'no body has the length 0': answers('GET', '/empty', [200, 'OK', { 'Content-Length': '0' }, 'length', '']),
    'HEAD gets the head of GET and no body': answers('HEAD', '/length', [
      200,
      'OK',
      { 'content-type': text, 'content-length': '11' },
      'none',
      '',
    ]),
    '204 has no body': answers('GET', '/204', [204, 'No Content', { etag: '"1"' }, 'none', '']),
    '304 has no body': answers('GET', '/304', [304, 'Not Modified', { etag: '"1"' }, 'none', '']),
    'a redirect is passed on, not followed': answers('GET', '/redirect', [
      307,
      'Temporary Redirect',
      { location: 'http://example.test/elsewhere', 'Content-Length': '0' },
      'length',
      '',
    ]),
    'a status text of the handler stands': answers('GET', '/reason', [
      299,
      'Quite Fine',
      { 'content-type': text, 'Content-Length': '0' },
      'length',
      '',
    ]),
    'several Set-Cookie stay several': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('GET', '/cookies'));
        return [valuesOf(response, 'set-cookie'), valuesOf(response, 'x-one')];
      },
      expect: [['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'c=3'], ['a, b']],
    },
    ...Object.fromEntries(
      [
        ['//a/b', 'http://example.test//a/b'],
        ['/%2f?q=%20', 'http://example.test/%2f?q=%20'],
        ['http://other.test/x?y', 'http://other.test/x?y'],
      ].map(([target = '', url]) => [
        `the URL of a request for ${target}`,
        { see: async ({ port }) => jsonOf(await exchange(port, requestText('GET', target)))['url'], expect: url } satisfies Check,
      ]),
    ),
    'headers and body of a request': {
      see: async ({ port }) => {
        const { method, headers, body } = jsonOf(
          await exchange(
            port,
            requestText('PATCH', '/echo', ['X-Twice: one', 'x-twice: two', 'Cookie: a=1', 'Cookie: b=2'], 'a\0\xff'),
          ),
        );
        return { method, headers, body };
      },
      expect: {
        method: 'PATCH',
        headers: [
          ['content-length', '3'],
          ['cookie', 'a=1; b=2'],
          ['host', 'example.test'],
          ['x-twice', 'one, two'],
        ],
        body: 'a\0\u00ff',
      },
    },
    'the first event arrives while the handler holds the second back': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/events?gate=${gate.port}`));
        const before = await wire.contains('data: first\n\n');
        gate.open();
        const response = await wire.response();
        return { early: before.includes('second'), framing: response?.framing, body: response?.body };
      },
      expect: { early: false, framing: 'chunked', body: 'data: first\n\ndata: second\n\n' },
    },
    'the head of a stream arrives before its first event': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/silent-events?gate=${gate.port}`));
        const before = await wire.contains('text/event-stream\r\n');
        gate.open();
        return { early: before.includes('first'), body: (await wire.response())?.body };
      },
      expect: { early: false, body: 'data: first\n\n' },
    },
    'a body is sent back while it comes in': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('POST /stream-echo HTTP/1.1\r\nHost: example.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
        await wire.contains('first');
        wire.send('6\r\nsecond\r\n0\r\n\r\n');
        return (await wire.response())?.body;
      },
      expect: 'firstsecond',
    },
    'a body that the handler never reads is in nobody\u2019s way': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('POST', '/unread', [], 'x'.repeat(500_000)) + requestText('GET', '/text'));
        return [(await wire.response())?.body, (await wire.response())?.body];
      },
      expect: ['not read', 'one piece'],
    },
    'neither is one of which it reads a part': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('POST', '/half-read', [], 'x'.repeat(500_000)) + requestText('GET', '/text'));
        return [(await wire.response())?.body, (await wire.response())?.body];
      },
      expect: ['half read', 'one piece'],
    },
    'a stream that fails in the middle looks broken': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/breaks?gate=${gate.port}`));
        await wire.contains('half');
        gate.open();
        const response = await wire.response();
        return [response?.status, response?.body, response?.isComplete];
      },
      expect: [200, 'half', false],
    },
    'a stream that fails before its first piece is an error of the handler': {
      see: async ({ port }) => problemIn(await exchange(port, requestText('GET', '/breaks-at-once'))),
      expect: problem(500, 'ERR_HANDLER_THREW'),
    },
    'a stream of what is no bytes is an error of the handler': {
      see: async ({ port }) => {
        return problemIn(await exchange(port, requestText('GET', '/not-bytes')));
      },
      expect: problem(500, 'ERR_HANDLER_THREW'),
    },
    'the signal of a request is aborted when the client goes': {
      see: async (server) => {
        await using gate = await Gate.create();
        const wire = await Wire.to(server.port);
        wire.send(requestText('GET', `/aborted?gate=${gate.port}`));
        await gate.arrived();
        wire[Symbol.dispose]();
        await until(() => server.stderr().some((line) => line.includes('the signal was aborted')), {
          describe: 'the handler to be told',
        });
        return 'told';
      },
      expect: 'told',
    },
  },
);
