/** HTTPS: HTTP/1.1 and HTTP/2 at the front, HTTP/1.1 for the handler. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { makeCertificate } from '../support/certificate.ts';
import { handler } from '../support/paths.ts';
import { ServerExited, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { type Answer, ask, http2, made, serveSecure } from './secure.ts';

const LONG = { timeout: 120_000 };

const factsOf = ({ body }: Answer): Record<string, unknown> => JSON.parse(body);

for (const mode of ['pool', 'cluster'] as const) {
  test(`mode ${mode}: HTTP/2 at the front is HTTP/1.1 for the handler`, LONG, async (t) => {
    await using secure = await serveSecure(t, 'secure.mjs', ['--mode', mode, '--max-body', '5MB']);
    const { server } = secure;
    const session = http2(t, server);
    const facts = await ask(session, { ':path': '/facts?a=b', 'x-own': '1', cookie: ['a=1', 'b=2'] });
    assert.deepEqual(factsOf(facts), {
      method: 'GET',
      url: '/facts?a=b',
      httpVersion: '1.1',
      headers: { 'x-own': '1', cookie: 'a=1; b=2', host: `127.0.0.1:${server.port}` },
      encrypted: true,
      remoteAddress: '127.0.0.1',
    });
    assert.match(String(facts.headers['server-timing']), /^queue;dur=/);
    assert.match(String(facts.headers['x-worker']), /^\d+$/);

    const body = Buffer.alloc(3_000_000, 'abc');
    const echoed = await ask(session, { ':path': '/echo', ':method': 'POST' }, { body, trailers: { 'x-sum': '42' } });
    assert.deepEqual([echoed.status, echoed.body === body.toString(), echoed.trailers?.['x-request-trailer']], [200, true, '42']);
    const long = await ask(session, { ':path': '/echo', ':method': 'POST', 'content-length': '5' }, { body: 'hello' });
    assert.equal(long.body, 'hello');

    const many = await ask(session, { ':path': '/many' });
    assert.deepEqual(
      [many.status, many.headers['set-cookie'], many.headers['x-list'], many.headers['connection'], many.body],
      [201, ['a=1', 'b=2'], 'one, two', undefined, 'many'],
    );
    const hinted = await ask(session, { ':path': '/hints' });
    assert.deepEqual(
      hinted.informational.map((headers) => [headers[':status'], headers['link']]),
      [[103, '</a.css>; rel=preload, </b.js>; rel=preload']],
    );
    assert.deepEqual(
      [(await ask(session, { ':path': '/empty' })).status, (await ask(session, { ':path': '/large' })).body.length],
      [204, 4_194_304],
    );
    const head = await ask(session, { ':path': '/facts', ':method': 'HEAD' });
    assert.deepEqual([head.status, head.body], [200, '']);

    // Fifty at once on one connection, more than there are workers.
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(session, { ':path': `/facts?${index}` })));
    assert.deepEqual(
      answers.map((answer) => factsOf(answer)['url']),
      answers.map((_, index) => `/facts?${index}`),
    );

    await assert.rejects(ask(session, { ':path': '/break' }), { code: 'ERR_HTTP2_STREAM_ERROR' });
    const refused = await ask(
      session,
      { ':path': '/facts', 'content-length': '6000000', ':method': 'POST' },
      { body: Buffer.alloc(6_000_000) },
    ).catch((error: unknown) => error);
    if (!(refused instanceof Error)) assert.equal(Object(refused).status, 413);
    // No tunnel; and what is no request gets no answer in HTTP/2.
    assert.equal((await ask(session, { ':method': 'CONNECT', ':authority': 'a.test:443' })).status, 400);
    for (const bad of [{ ':path': '/facts', ':authority': 'a/b' }, { ':path': '/a b' }, { ':path': '' }])
      await assert.rejects(ask(http2(t, server), bad), { code: 'ERR_HTTP2_STREAM_ERROR' });
    assert.equal((await ask(http2(t, server), { ':path': '/facts', 'x-long': 'x'.repeat(20_000) })).status, 431);
  });
}

test('a client that gives up a stream ends its task, and nothing else on the connection', LONG, async (t) => {
  await using secure = await serveSecure(t, 'secure.mjs');
  const session = http2(t, secure.server);
  const given = session.request({ ':path': '/wait' });
  given.on('error', () => {});
  // On a crowded machine the other one may be answered first; and one that is given up before it has begun is not heard of.
  await secure.server.waitForLog(({ msg }) => String(msg).includes('begun'));
  const beside = await ask(session, { ':path': '/facts' });
  assert.equal(beside.status, 200);
  given.close(8);
  await secure.server.waitForLog(({ msg }) => String(msg).includes('closed, not complete'));
  assert.equal((await ask(session, { ':path': '/facts' })).status, 200);
});

test('HTTP/1.1 over TLS: facts, URLs of fetch handlers, WebSockets, and garbage that is no TLS', LONG, async (t) => {
  await using secure = await serveSecure(t, 'tunnels.mjs');
  const { server } = secure;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpsGet(server.url, { ca: made.cert, agent: false }, resolve).on('error', reject);
  });
  assert.equal(response.statusCode, 200);
  await buffer(response);
  const socket = connectTls({ port: server.port, host: '127.0.0.1', ca: made.cert });
  socket.write('GET /facts HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
  const [head = '', facts = ''] = (await text(socket)).split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 101 /);
  assert.deepEqual([JSON.parse(facts).encrypted, JSON.parse(facts).remoteAddress], [true, '127.0.0.1']);
  const plain = connect(server.port, '127.0.0.1');
  plain.on('error', () => {});
  plain.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  let answered = '';
  plain.on('data', (bytes: Buffer) => (answered += bytes.toString('latin1')));
  await once(plain, 'close');
  assert.ok(!answered.includes('HTTP/1.1'), answered);
});

test('the scheme is https for a fetch handler and a client of ws, and a reload reads the certificate again', LONG, async (t) => {
  await using secure = await serveSecure(t, 'fetch-protocol.mjs');
  const { server, folder } = secure;
  const echoed = await ask(http2(t, server), { ':path': '/echo?a=b', ':authority': 'a.test' });
  assert.equal(factsOf(echoed)['url'], 'https://a.test/echo?a=b');
  const nameNow = async (): Promise<unknown> => {
    const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };
  assert.equal(await nameNow(), 'one');
  const next = makeCertificate({ name: 'two' });
  await writeFile(join(folder, 'cert.pem'), next.cert);
  // Its key is still the old one: nothing changes.
  server.signal('SIGHUP');
  await server.waitForLog(({ msg }) => /can not be renewed.*is not the key of the certificate/.test(String(msg)));
  assert.equal(await nameNow(), 'one');
  await writeFile(join(folder, 'key.pem'), next.key);
  server.signal('SIGHUP');
  await server.waitForLog(({ event }) => event === 'server:reloaded');
  assert.equal(await nameNow(), 'two');
});

test('a WebSocket over TLS is one of ws', LONG, async (t) => {
  await using secure = await serveSecure(t, 'server-object.mjs');
  const socket = new WebSocket(`${secure.server.url.replace('https', 'wss')}/chat`, { ca: made.cert });
  await once(socket, 'open');
  socket.send('hello');
  const [data] = (await once(socket, 'message')) as [Buffer];
  assert.equal(data.toString(), 'hello');
  socket.terminate();
});

test('at the end the answers under way on HTTP/2 are given, and connections without one do not hold it up', LONG, async (t) => {
  await using secure = await serveSecure(t, 'secure.mjs', ['--deadline', '20s']);
  const { server } = secure;
  const idle = http2(t, server);
  await ask(idle, { ':path': '/facts' });
  const session = http2(t, server);
  const stream = session.request({ ':path': '/echo', ':method': 'POST' }, { endStream: false });
  await once(session, 'connect');
  const response = once(stream, 'response');
  stream.write('one ');
  await response;
  server.signal('SIGTERM');
  await until(() => idle.closed || idle.destroyed, { describe: () => 'the idle connection to be closed' });
  stream.end('two');
  assert.equal(await text(stream), 'one two');
  assert.deepEqual(await server.exited(20_000), { code: 0, signal: null });
});

test('one without the other, and a certificate that is none, end the start with one line', LONG, async (t) => {
  const folder = await temporaryFolder(t, { 'cert.pem': made.cert, 'key.pem': made.key, 'no.pem': 'no' });
  for (const [args, expected] of [
    [['--cert', join(folder, 'cert.pem')], /--cert: found it alone, expected key as well/],
    [['--key', join(folder, 'key.pem')], /--key: found it alone, expected cert as well/],
    [['--cert', join(folder, 'no.pem'), '--key', join(folder, 'key.pem')], /cert: ".+no\.pem": it holds no certificate/],
  ] as const) {
    await assert.rejects(startServer({ entry: handler('echo.mjs'), args }), (error) => {
      assert.ok(error instanceof ServerExited);
      assert.equal(error.exit.code, 2);
      assert.match(error.stderr, expected);
      assert.equal(error.stderr.trim().split('\n').length, 1);
      return true;
    });
  }
});

test('a certificate that has ended is used, and said to have', LONG, async (t) => {
  const old = makeCertificate({ name: 'old', validUntil: new Date('2020-01-01T00:00:00Z') });
  await using secure = await serveSecure(t, 'echo.mjs', [], old);
  await secure.server.waitForLog(({ msg }) => String(msg).includes('valid until 2020-01-01T00:00:00.000Z, which is over'));
});

test('a client that says nothing, or a byte now and then, is not waited for before TLS is agreed', LONG, async (t) => {
  await using secure = await serveSecure(t, 'secure.mjs', ['--headers-timeout', '500ms']);
  const { port } = secure.server;
  // The begin of a ClientHello, of which the rest takes its time.
  const hello = Buffer.concat([Buffer.from([22, 3, 1, 16, 0, 1, 0, 15, 252, 3, 3]), Buffer.alloc(4000)]);
  for (const drips of [false, true]) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await once(socket, 'connect');
    let sent = 0;
    const dripping = setInterval(() => {
      if (drips) socket.write(hello.subarray(sent, (sent += 1)));
    }, 50);
    socket.resume();
    t.after(() => socket.destroy());
    await closed.finally(() => clearInterval(dripping));
    if (drips) assert.ok(sent > 1 && sent < hello.length, `it was closed after ${sent} bytes`);
  }
  // Who has agreed on TLS has the time that others have, too.
  const session = http2(t, secure.server);
  assert.equal((await ask(session, { ':path': '/facts' })).status, 200);
});

test(
  'a client that agrees on HTTP/2 and says nothing, or nothing that is a request, gets no more time than with HTTP/1.1',
  LONG,
  async (t) => {
    await using secure = await serveSecure(t, 'secure.mjs', ['--headers-timeout', '500ms', '--keep-alive-timeout', '1500ms']);
    const { port } = secure.server;
    const agree = async (first: Buffer, drip: Buffer): Promise<number> => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: made.cert, ALPNProtocols: ['h2'] });
      socket.on('error', () => {});
      t.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      assert.equal(socket.alpnProtocol, 'h2');
      const since = performance.now();
      socket.resume();
      if (first.length > 0) socket.write(first);
      const dripping = setInterval(() => drip.length > 0 && socket.write(drip), 100);
      await once(socket, 'close').finally(() => clearInterval(dripping));
      return performance.now() - since;
    };
    const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);
    const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const nothing = Buffer.alloc(0);
    // The default for idleness is another one by far.
    const [silent, pings] = await Promise.all([agree(nothing, nothing), agree(preface, ping)]);
    assert.ok(silent >= 400, `it was closed after ${silent} ms`);
    assert.ok(pings >= 1400, `it was closed after ${pings} ms`);
  },
);
