import { Gate } from './gate.ts';
import { TARGETS } from './targets.ts';
import { topic } from './topic.ts';
import { Wire, jsonOf, requestText, valuesOf } from './wire.ts';
import type { WireResponse } from './take-response.ts';

/** What an answer says about its connection; the seconds are an option, not a matter of HTTP. */
function ends(response: WireResponse | null): unknown {
  return {
    body: response?.body,
    version: response?.version,
    framing: response?.framing,
    connection: valuesOf(response, 'connection').map((value) => value.toLowerCase()),
    keepAlive: valuesOf(response, 'keep-alive').length,
  };
}

/** What came back of a request to /echo: all of the answer if it is another one. */
function echoed(response: WireResponse | null): unknown {
  if (response?.status !== 200) return response;
  const { url, body } = jsonOf(response);
  return [200, url, body];
}

const plain = requestText('GET', '/one-piece');
const kept = { body: 'one piece', version: 'HTTP/1.1', framing: 'length', connection: ['keep-alive'], keepAlive: 1 };
const closed = { ...kept, connection: ['close'], keepAlive: 0 };

topic(
  'connections',
  // A crowded machine takes seconds for twenty processes of mode fork; with a number of its own the queue takes all that come.
  { handler: 'protocol.mjs', targets: TARGETS, args: ['--max', '4', '--queue', '100', '--queue-timeout', '1m'] },
  {
    'a connection is kept for the next request': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        const seen = [];
        for (let round = 0; round < 3; round += 1) {
          wire.send(plain);
          seen.push(ends(await wire.response()));
        }
        return seen;
      },
      expect: [kept, kept, kept],
    },
    'Connection: close ends it after the answer': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/one-piece', ['Connection: close']));
        return [ends(await wire.response()), await wire.ended()];
      },
      expect: [closed, ''],
    },
    'Connection: close of the handler ends it, too': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/close'));
        return [ends(await wire.response()), await wire.ended()];
      },
      expect: [{ ...closed, body: 'the last one' }, ''],
    },
    'HTTP/1.0 is answered and the connection closed': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('GET /one-piece HTTP/1.0\r\n\r\n');
        return [ends(await wire.response()), await wire.ended()];
      },
      expect: [{ ...closed, framing: 'close' }, ''],
    },
    'HTTP/1.0 gets no chunks: the close ends the answer': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('GET /two-pieces HTTP/1.0\r\n\r\n');
        return [ends(await wire.response()), await wire.ended()];
      },
      expect: [{ ...closed, body: 'two pieces', framing: 'close' }, ''],
    },
    'HTTP/1.0 with keep-alive keeps the connection where the length is known': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        const seen = [];
        for (let round = 0; round < 2; round += 1) {
          wire.send('GET /length HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
          seen.push(ends(await wire.response()));
        }
        return seen;
      },
      expect: [
        { ...kept, body: 'exactly so!' },
        { ...kept, body: 'exactly so!' },
      ],
    },
    'HTTP/1.0 with keep-alive is closed where the length is not known': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('GET /two-pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
        return [ends(await wire.response()), await wire.ended()];
      },
      expect: [{ ...closed, body: 'two pieces', framing: 'close' }, ''],
    },
    'the handler sees the HTTP version': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('GET /echo HTTP/1.0\r\n\r\n');
        return jsonOf(await wire.response())['httpVersion'];
      },
      expect: '1.0',
    },
    'pipelined requests are answered in their order, however long each takes': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/slow?gate=${gate.port}`) + requestText('POST', '/echo', [], 'a body') + plain);
        await gate.arrived();
        // All are with the server now, and the last two could be answered.
        gate.open();
        const [first, second, third] = [await wire.response(), await wire.response(), await wire.response()];
        return [first?.body, jsonOf(second)['body'], third?.body];
      },
      expect: ['slow', 'a body', 'one piece'],
    },
    'a pipelined HEAD and 304 leave no bytes between the answers': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(
          requestText('HEAD', '/two-pieces') + requestText('GET', '/status?code=304') + requestText('HEAD', '/length') + plain,
        );
        const seen = [];
        for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) seen.push((await wire.response(method))?.status);
        return seen;
      },
      expect: [200, 304, 200, 200],
    },
    'many pipelined requests, cut anywhere': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        const numbers = Array.from({ length: 20 }, (_, index) => index);
        const bytes = numbers.map((number) => requestText('POST', `/echo?${number}`, [], `body ${number}`)).join('');
        for (let at = 0; at < bytes.length; at += 37) wire.send(bytes.slice(at, at + 37));
        const seen = [];
        for (const _each of numbers) seen.push(echoed(await wire.response()));
        return seen;
      },
      expect: Array.from({ length: 20 }, (_, index) => [200, `/echo?${index}`, `body ${index}`]),
    },
    'what follows a request with Connection: close is not answered, and in nobody\u2019s way': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/slow?gate=${gate.port}`, ['Connection: close']) + plain);
        await gate.arrived();
        gate.open();
        return [(await wire.response())?.status, await wire.ended()];
      },
      expect: [200, ''],
    },
    'a client that closes its side before the answer counts as gone': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/slow?gate=${gate.port}`));
        await gate.arrived();
        wire.endSending();
        return await wire.response();
      },
      expect: null,
    },
    'a request cut into single bytes is one request': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        for (const byte of requestText('POST', '/echo', ['X-A: b'], 'tiny')) wire.send(byte);
        return jsonOf(await wire.response())['body'];
      },
      expect: 'tiny',
    },
  },
);
