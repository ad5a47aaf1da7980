import { TARGETS } from './targets.ts';
import { topic } from './topic.ts';
import { Wire, jsonOf, requestText } from './wire.ts';

const MB = 1024 * 1024;
const plain = requestText('GET', '/one-piece');
const chunkedHead = 'POST /echo HTTP/1.1\r\nHost: example.test\r\nTransfer-Encoding: chunked\r\n';

topic(
  'uploads',
  { handler: 'protocol.mjs', targets: TARGETS },
  {
    'a body with a length arrives byte for byte': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('POST', '/echo', [], 'a\0b\r\n\r\n\xff'));
        return jsonOf(await wire.response())['body'];
      },
      expect: 'a\0b\r\n\r\n\xff',
    },
    'a chunked body arrives whole, extensions dropped': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`${chunkedHead}\r\n3\r\nabc\r\n1;name=value\r\nd\r\n00A\r\n0123456789\r\n0\r\n\r\n`);
        return jsonOf(await wire.response())['body'];
      },
      expect: 'abcd0123456789',
    },
    'an empty chunked body is empty': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`${chunkedHead}\r\n0\r\n\r\n${plain}`);
        return [jsonOf(await wire.response())['body'], (await wire.response())?.body];
      },
      expect: ['', 'one piece'],
    },
    'trailers of a request reach the handler': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`${chunkedHead}Trailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\nx-late: yes\r\n\r\n`);
        const { body, rawTrailers } = jsonOf(await wire.response());
        return { body, rawTrailers };
      },
      expect: { body: 'abc', rawTrailers: ['X-Sum', '42', 'x-late', 'yes'] },
    },
    'the handler reads the first piece before the rest was sent': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('POST /count HTTP/1.1\r\nHost: example.test\r\nContent-Length: 8\r\n\r\nhalf');
        await wire.contains('begun;');
        wire.send('rest');
        return (await wire.response())?.body;
      },
      expect: 'begun;8',
    },
    'a GET may have a body': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/echo', [], 'odd') + plain);
        return [jsonOf(await wire.response())['body'], (await wire.response())?.body];
      },
      expect: ['odd', 'one piece'],
    },
    'Expect: 100-continue is answered before the body': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send('POST /echo HTTP/1.1\r\nHost: example.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
        const before = await wire.contains('\r\n\r\n');
        wire.send('body');
        const response = await wire.response();
        return { before, interim: response?.interim, body: jsonOf(response)['body'] };
      },
      expect: { before: 'HTTP/1.1 100 Continue\r\n\r\n', interim: [{ status: 100, headers: [] }], body: 'body' },
    },
    'a body that the handler never reads is in nobody\u2019s way': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('POST', '/unread'));
        wire.send(requestText('POST', '/unread', [], 'x'.repeat(100_000)) + plain);
        return [(await wire.response())?.body, (await wire.response())?.body, (await wire.response())?.body];
      },
      expect: ['not read', 'not read', 'one piece'],
    },
    'an answer comes before the upload is complete, and the connection goes on after it': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`POST /early HTTP/1.1\r\nHost: example.test\r\nContent-Length: ${4 * MB}\r\n\r\n`);
        const response = await wire.response();
        await wire.sendAll(Buffer.alloc(4 * MB, 'x'));
        wire.send(plain);
        return [response?.body, (await wire.response())?.body];
      },
      expect: ['early', 'one piece'],
    },
    'a large body is counted to the byte': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`POST /count HTTP/1.1\r\nHost: example.test\r\nContent-Length: ${8 * MB + 1}\r\n\r\n`);
        await wire.sendAll(Buffer.alloc(8 * MB + 1, 'x'));
        return (await wire.response())?.body;
      },
      expect: `begun;${8 * MB + 1}`,
    },
  },
);
