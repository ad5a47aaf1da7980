import { Gate } from './gate.ts';
import { problem, problemIn } from './problem.ts';
import { MODES, TARGETS } from './targets.ts';
import { topic, type Check } from './topic.ts';
import { Wire, exchange, requestText } from './wire.ts';

/** What is refused, each on a connection of its own, which is closed after the 400. */
const INVALID: Readonly<Record<string, string>> = {
  // First: no server has seen a Host before it.
  'an empty Host': 'GET / HTTP/1.1\r\nHost:\r\n\r\n',
  'no HTTP at all': 'garbage\r\n\r\n',
  'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an unknown version': 'GET / HTTP/3.7\r\nHost: a\r\n\r\n',
  'an unknown method': 'FROB / HTTP/1.1\r\nHost: a\r\n\r\n',
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
  'two Hosts of HTTP/1.0': 'GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n',
  'a Host with a path': 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'a Host with user info': 'GET / HTTP/1.1\r\nHost: user@a\r\n\r\n',
  'a Host with a blank': 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  'GET *': 'GET * HTTP/1.1\r\nHost: a\r\n\r\n',
  'a target without a slash': 'GET a HTTP/1.1\r\nHost: a\r\n\r\n',
  'a target with a blank': 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
  'a blank before the colon': 'GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n',
  'a folded header': 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n',
  'a zero byte in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n',
  'a lone carriage return in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rX-B: c\r\n\r\n',
  'two lengths': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'a length that is no number': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\na',
  'a negative length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'a length and chunks': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a coding that is not chunked': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n',
  'chunked that is not last': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
};

topic(
  'invalid requests',
  { handler: 'protocol.mjs', targets: TARGETS },
  {
    ...Object.fromEntries(
      Object.entries(INVALID).map(([what, bytes]) => [
        `${what}: 400, and the end of the connection`,
        {
          see: async ({ port }) => {
            using wire = await Wire.to(port);
            wire.send(bytes);
            return [(await wire.response())?.status, await wire.ended()];
          },
          expect: [400, ''],
        } satisfies Check,
      ]),
    ),
    'a length too large to count: no 2xx, and the end': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\n`);
        return (await wire.response())?.status;
      },
      expect: 400,
    },
    'a chunk that is none in the middle of a body: 400': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnone\r\n');
        return [(await wire.response())?.status, await wire.ended()];
      },
      expect: [400, ''],
    },
    'garbage after an answer: 400, and the end': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/one-piece'));
        const first = (await wire.response())?.status;
        wire.send('garbage\r\n\r\n');
        return [first, (await wire.response())?.status, await wire.ended()];
      },
      expect: [200, 400, ''],
    },
    'garbage behind requests that still run: their answers, then 400': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(`${requestText('GET', `/slow?gate=${gate.port}`)}${requestText('GET', '/one-piece')}garbage\r\n\r\n`);
        await gate.arrived();
        gate.open();
        return [
          (await wire.response())?.body,
          (await wire.response())?.body,
          (await wire.response())?.status,
          await wire.ended(),
        ];
      },
      expect: ['slow', 'one piece', 400, ''],
    },
  },
);

topic(
  'refusals',
  { handler: 'protocol.mjs', targets: MODES },
  {
    ...Object.fromEntries(
      ['no HTTP at all', 'two Hosts', 'GET *'].map((what) => [
        `${what}: a problem document`,
        {
          see: async ({ port }) => problemIn(await exchange(port, INVALID[what] ?? '')),
          expect: problem(400, 'ERR_BAD_REQUEST'),
        } satisfies Check,
      ]),
    ),
    'nothing of the request is in it': {
      see: async ({ port }) => {
        const response = await exchange(port, 'GET /<script> HTTP/1.1\r\nHost: <script>\r\n\r\n');
        return [problemIn(response), response?.body.includes('script')];
      },
      expect: [problem(400, 'ERR_BAD_REQUEST'), false],
    },
  },
);
