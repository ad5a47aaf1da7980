import { problem, problemIn } from './problem.ts';
import { MODES } from './targets.ts';
import { topic } from './topic.ts';
import { Wire, exchange, jsonOf, requestText, valuesOf } from './wire.ts';

const tooLarge = problem(413, 'ERR_BODY_TOO_LARGE');
const post = (target: string, ...headers: string[]) =>
  `${[`POST ${target} HTTP/1.1`, 'Host: example.test', ...headers].join('\r\n')}\r\n\r\n`;
const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;

topic(
  'limits',
  { handler: 'protocol.mjs', targets: MODES, args: ['--max-body', '8KB', '--max-header', '4KB', '--headers-timeout', '500ms'] },
  {
    'a body of exactly the limit is taken': {
      see: async ({ port }) => {
        const whole = await exchange(port, requestText('POST', '/count', [], 'x'.repeat(8192)));
        const chunked = await exchange(
          port,
          `${post('/count', 'Transfer-Encoding: chunked')}${chunk(8000)}${chunk(192)}0\r\n\r\n`,
        );
        return [whole?.body, chunked?.body];
      },
      expect: ['begun;8192', 'begun;8192'],
    },
    'an announced body above the limit: 413, before the body': {
      see: async ({ port }) => problemIn(await exchange(port, post('/echo', 'Content-Length: 8193'))),
      expect: tooLarge,
    },
    'a refused body is skipped, and the connection goes on': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('POST', '/echo', [], 'x'.repeat(8193)) + requestText('GET', '/one-piece'));
        return [problemIn(await wire.response()), (await wire.response())?.body];
      },
      expect: [tooLarge, 'one piece'],
    },
    'Expect: 100-continue with a body above the limit: 413 and the end, no 100': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(post('/echo', 'Content-Length: 8193', 'Expect: 100-continue'));
        const response = await wire.response();
        return [problemIn(response), response?.interim, valuesOf(response, 'connection'), await wire.ended()];
      },
      expect: [tooLarge, [], ['close'], ''],
    },
    'a chunked body above the limit: 413 as soon as it is above': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(post('/echo', 'Transfer-Encoding: chunked') + chunk(8192) + chunk(1));
        return problemIn(await wire.response());
      },
      expect: tooLarge,
    },
    'a chunked body above the limit whose answer has begun: it looks broken': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(post('/count', 'Transfer-Encoding: chunked') + chunk(1));
        await wire.contains('begun;');
        wire.send(chunk(8192));
        const response = await wire.response();
        return [response?.status, response?.isComplete];
      },
      expect: [200, false],
    },
    'another expectation: 417': {
      see: async ({ port }) => problemIn(await exchange(port, post('/echo', 'Content-Length: 1', 'Expect: the-unexpected'))),
      expect: problem(417, 'ERR_EXPECTATION_FAILED'),
    },
    'a head above the limit: 431': {
      see: async ({ port }) => problemIn(await exchange(port, requestText('GET', '/', [`X-Long: ${'x'.repeat(5000)}`]))),
      expect: problem(431, 'ERR_HEADERS_TOO_LARGE'),
    },
    'a target above the limit: 431': {
      see: async ({ port }) => problemIn(await exchange(port, requestText('GET', `/${'x'.repeat(5000)}`))),
      expect: problem(431, 'ERR_HEADERS_TOO_LARGE'),
    },
    'a head far above the limit is answered, although the client goes on sending': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        for (let piece = 0; piece < 40; piece += 1)
          wire.send(piece === 0 ? 'GET / HTTP/1.1\r\n' : `X-Long-${piece}: ${'x'.repeat(2000)}\r\n`);
        return problemIn(await wire.response());
      },
      expect: problem(431, 'ERR_HEADERS_TOO_LARGE'),
    },
    'a head just under the limit is taken': {
      see: async ({ port }) => (await exchange(port, requestText('GET', '/one-piece', [`X-Long: ${'x'.repeat(3900)}`])))?.status,
      expect: 200,
    },
    'a head that does not come to its end: 408': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('GET / HTTP/1.1\r\nHost: example.test\r\nX-Slow');
        return [problemIn(await wire.response()), await wire.ended()];
      },
      expect: [problem(408, 'ERR_REQUEST_TIMEOUT'), ''],
    },
    'the limit of the headers is none of the body': {
      see: async ({ port }) => {
        using slow = await Wire.to(port);
        using stalled = await Wire.to(port);
        stalled.send(`${post('/count', 'Content-Length: 8')}half`);
        await stalled.contains('begun;');
        slow.send('GET / HTTP/1.1\r\nHost: example.test\r\nX-Slow');
        // Both began before the timeout of the one, and the other one is still there after it.
        const timedOut = (await slow.response())?.status;
        stalled.send('rest');
        return [timedOut, (await stalled.response())?.body];
      },
      expect: [408, 'begun;8'],
    },
    'a request after the refused ones is served': {
      see: async ({ port }) => jsonOf(await exchange(port, requestText('POST', '/echo', [], 'fine')))['body'],
      expect: 'fine',
    },
  },
);
