/** WebSockets over HTTP/2 (RFC 8441), for handlers that know those of HTTP/1.1. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { startBrowser } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { ask, http2, serveSecure } from './secure.ts';

const LONG = { timeout: 120_000 };

async function opened(session: ClientHttp2Session, path: string, more: OutgoingHttpHeaders = {}) {
  if (session.remoteSettings === undefined || session.connecting) await once(session, 'remoteSettings');
  const stream = session.request(
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': path, 'sec-websocket-version': '13', ...more },
    { endStream: false },
  );
  stream.on('error', () => {});
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
  return { stream, headers, status: headers[':status'] };
}

/** A client of `ws` over a stream: what it does after a handshake of HTTP/1.1. */
function webSocket(stream: ClientHttp2Stream): WebSocket {
  const socket = new WebSocket(null as never, undefined, { autoPong: true, closeTimeout: 30_000 } as never) as WebSocket &
    Record<string, unknown>;
  socket['_isServer'] = false;
  const tcp = Object.assign(stream, { setNoDelay: () => tcp });
  (socket as unknown as { setSocket(...args: unknown[]): void }).setSocket(tcp, Buffer.alloc(0), { maxPayload: 8_000_000 });
  return socket;
}

/** Bytes until something is in them. */
async function contains(stream: ClientHttp2Stream, what: string): Promise<string> {
  let seen = '';
  stream.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
  await until(() => seen.includes(what), { describe: () => `${what} in ${seen.slice(-200)}` });
  return seen;
}

for (const mode of ['pool', 'cluster'] as const)
  test(`mode ${mode}: a WebSocket over HTTP/2 is one of ws, beside requests on the same connection`, LONG, async (t) => {
    await using secure = await serveSecure(t, 'server-object.mjs', ['--mode', mode]);
    const session = http2(t, secure.server);
    const { stream, status, headers } = await opened(session, '/chat');
    assert.equal(session.remoteSettings.enableConnectProtocol, true);
    assert.equal(status, 200);
    for (const name of ['connection', 'upgrade', 'sec-websocket-accept']) assert.equal(headers[name], undefined);
    const socket = webSocket(stream);
    for (const message of ['hello', 'x'.repeat(3_000_000)]) {
      socket.send(message);
      const [data] = (await once(socket, 'message')) as [Buffer];
      assert.equal(data.toString() === message, true);
    }
    assert.equal((await ask(session, { ':path': '/plain' })).status, 200);
    socket.close(1000);
    assert.equal((await once(socket, 'close'))[0], 1000);
    await until(() => stream.destroyed, { describe: 'the stream to be closed' });
    // ws answers what it does not serve, and the client hears it.
    assert.equal((await opened(session, '/other')).status, 400);
    assert.equal((await ask(session, { ':path': '/plain' })).status, 200);
  });

test('the handler sees an upgrade of HTTP/1.1, and either side ends as over TCP', LONG, async (t) => {
  await using secure = await serveSecure(t, 'tunnels.mjs', ['--max', '1']);
  const session = http2(t, secure.server);
  const { stream } = await opened(session, '/facts', { 'x-token': 't-1', 'content-length': '3' });
  assert.deepEqual(JSON.parse(await text(stream)), {
    method: 'GET',
    url: '/facts',
    token: 't-1',
    httpVersion: '1.1',
    isUpgrade: true,
    remoteAddress: '127.0.0.1',
    remoteFamily: 'IPv4',
    encrypted: true,
  });
  stream.end();
  // The client ends its side first, and hears the rest.
  const ending = await opened(session, '/pid');
  await contains(ending.stream, 'pid');
  ending.stream.end();
  await contains(ending.stream, 'the client ended');
  await until(() => ending.stream.destroyed, { describe: 'the stream to be closed' });
  // The handler ends first.
  const ended = await opened(session, '/end');
  assert.equal(await text(ended.stream), 'that was all');
  ended.stream.end();
  await until(() => ended.stream.destroyed, { describe: 'the stream to be closed' });
  // One that is given up ends its connection over there, and no other one.
  const beside = await opened(session, '/echo');
  const given = await opened(session, '/echo');
  given.stream.close(8);
  const held = async (): Promise<unknown> => JSON.parse((await ask(session, { ':path': '/' })).body).open;
  beside.stream.write('still here');
  await contains(beside.stream, 'still here');
  await until(async () => (await held()) === 1, { describe: 'the connection that was given up to be closed' });
  // The end of the server is told in the tunnel, as the handler has it.
  secure.server.signal('SIGTERM');
  await contains(beside.stream, 'goodbye');
  assert.deepEqual(await secure.server.exited(20_000), { code: 0, signal: null });
});

test('what is no WebSocket is refused in words of HTTP, and the connection goes on', LONG, async (t) => {
  await using secure = await serveSecure(t, 'tunnels.mjs');
  const session = http2(t, secure.server);
  const refused = await opened(session, '/refuse');
  assert.deepEqual([refused.status, await text(refused.stream)], [401, 'no']);
  assert.equal((await opened(session, '/throw')).status, 500);
  // A success would be a WebSocket.
  assert.equal((await opened(session, '/page')).status, 502);
  assert.equal((await opened(session, '/echo', { ':protocol': 'connect-udp' })).status, 501);
  assert.equal((await opened(session, '/echo', { ':authority': 'a.test' })).status, 200);
  const broken = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/destroy' }, { endStream: false });
  await assert.rejects(once(broken, 'response'), { code: 'ERR_HTTP2_STREAM_ERROR' });
  assert.equal((await ask(session, { ':path': '/' })).status, 200);
  await using without = await serveSecure(t, 'secure.mjs', ['--max', '1']);
  const other = http2(t, without.server);
  assert.equal((await opened(other, '/facts')).status, 501);
  assert.equal((await ask(other, { ':path': '/facts' })).status, 200);
});

test('a browser opens a WebSocket on the connection on which it has the page', LONG, async (t) => {
  await using secure = await serveSecure(t, 'tells-port.mjs', ['--max', '2']);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  const { url } = secure.server;
  const answer = await page.goto(url);
  const port = await answer?.text();
  const heard = await page.evaluate(
    (address) =>
      new Promise((resolve, reject) => {
        const socket = new globalThis.WebSocket(address);
        socket.onopen = () => socket.send('hello');
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = () => reject(new Error('the WebSocket failed'));
      }),
    url.replace('https', 'wss'),
  );
  assert.equal(heard, `${port} hello`);
});
