import { TARGETS } from './targets.ts';
import { topic, type Check } from './topic.ts';
import { exchange, jsonOf, requestText, Wire } from './wire.ts';

const HEAD = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n';

function upgradeText(target: string, headers: readonly string[] = []): string {
  return requestText('GET', target, ['Connection: Upgrade', 'Upgrade: test', ...headers]);
}

/** All that comes back until the server closes. */
function all(request: string | Uint8Array): Check['see'] {
  return async ({ port }) => {
    using wire = await Wire.to(port);
    wire.send(request);
    return await wire.ended();
  };
}

const flood = Array.from({ length: 128 }, (_, part) => String.fromCodePoint(97 + (part % 26)).repeat(64 * 1024)).join('');
const upload = Buffer.from(Uint8Array.from({ length: 3_000_001 }, (_, index) => (index * 7) % 251));

topic(
  'tunnels',
  { handler: 'tunnels.mjs', targets: TARGETS, args: ['--max', '4'] },
  {
    'bytes go both ways, those too that came with the request': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`${upgradeText('/echo')}first`);
        const opened = await wire.contains('first');
        wire.send('\0\xff second');
        return [opened, (await wire.contains('second')).slice(opened.length)];
      },
      expect: [`${HEAD}first`, '\0\xff second'],
    },
    'the handler sees the request and the facts of the connection': {
      see: async (server) => {
        const seen = await all(upgradeText('/facts', ['X-Token: t-1']))(server, 'bare');
        return JSON.parse(String(seen).slice(HEAD.length));
      },
      expect: {
        method: 'GET',
        url: '/facts',
        token: 't-1',
        httpVersion: '1.1',
        isUpgrade: true,
        remoteAddress: '127.0.0.1',
        remoteFamily: 'IPv4',
        encrypted: false,
      },
    },
    'the client may end its side first, and hears the rest': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`${upgradeText('/echo')}last`);
        await wire.contains('last');
        wire.endSending();
        return await wire.ended();
      },
      expect: `${HEAD}lastthe client ended`,
    },
    'the handler may end it': { see: all(upgradeText('/end')), expect: `${HEAD}that was all` },
    'the handler may answer that it does not want it': {
      see: all(upgradeText('/refuse')),
      expect: 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno',
    },
    'the handler may close it without a word': { see: all(upgradeText('/destroy')), expect: '' },
    'much that is written at once arrives whole': {
      see: async (server) => {
        const seen = String(await all(upgradeText('/flood'))(server, 'bare'));
        return [seen.length, seen === `${HEAD}${flood}END`];
      },
      expect: [HEAD.length + flood.length + 3, true],
    },
    'much that is sent at once arrives whole': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(upgradeText('/count'));
        await wire.contains(HEAD);
        await wire.sendAll(upload);
        wire.endSending();
        return JSON.parse((await wire.ended()).slice(HEAD.length));
      },
      expect: { bytes: upload.length, sum: upload.reduce((sum, byte) => (sum + byte) % 65_521, 0) },
    },
    'CONNECT opens a tunnel': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(`${requestText('CONNECT', 'example.test:443')}one `);
        await wire.contains('one ');
        wire.send('two');
        await wire.contains('two');
        wire.endSending();
        return await wire.ended();
      },
      expect: 'HTTP/1.1 200 Connection Established\r\n\r\nto example.test:443: one two',
    },
    'other requests may go before on the same connection': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/'));
        const before = jsonOf(await wire.response())['upgrade'];
        wire.send(upgradeText('/end'));
        return [before, await wire.ended()];
      },
      expect: [null, `${HEAD}that was all`],
    },
  },
);

topic(
  'tunnels that nobody takes',
  { handler: 'node-echo.mjs', targets: TARGETS, args: ['--max', '1'] },
  {
    'a request with Upgrade is a request as any other': {
      see: async ({ port }) => {
        const answer = await exchange(port, requestText('POST', '/', ['Connection: Upgrade', 'Upgrade: h2c'], 'body'));
        const { method, headers, body } = jsonOf(answer);
        return [answer?.status, method, Object(headers).upgrade, body];
      },
      expect: [200, 'POST', 'h2c', 'body'],
    },
    'CONNECT is closed': { see: all(requestText('CONNECT', 'example.test:443')), expect: '' },
  },
);
