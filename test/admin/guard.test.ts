import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raw } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { askAdmin, problemOf, stateOf } from './ask-admin.ts';
import { serveSmall } from './served.ts';

test('the names of this machine are let in, with the port, and no others', async (t) => {
  const { port } = await serveSmall(t);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`])
    assert.equal((await askAdmin(port, '/api/state', { headers: { Host: host } })).status, 200, host);
  const strangers = [
    // A name of a stranger's that leads to 127.0.0.1 (DNS rebinding).
    `rebound.example:${port}`,
    `localhost.example:${port}`,
    `127.0.0.1.nip.example:${port}`,
    `localhost:${port + 1}`,
    'localhost',
    `user@localhost:${port}`,
    `localhost:${port}/`,
    `0.0.0.0:${port}`,
    `127.1:${port}`,
  ];
  for (const host of strangers) {
    for (const path of ['/', '/api/state', '/api/events', '/metrics', '/livez', '/nothing'])
      assert.equal((await askAdmin(port, path, { headers: { Host: host } })).status, 403, `${host} ${path}`);
  }
});

test('one Host header has to be there, and no second one', async (t) => {
  const { port } = await serveSmall(t);
  const ask = async (lines: string): Promise<string> =>
    (await raw(port, `GET /api/state HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`)).toString('latin1');
  assert.match(await ask(''), /^HTTP\/1\.1 400 /);
  assert.match(await ask(`Host: localhost:${port}\r\nHost: localhost:${port}\r\n`), /^HTTP\/1\.1 400 /);
  assert.match(await ask(`Host: localhost:${port}\r\nHost: rebound.example\r\n`), /^HTTP\/1\.1 400 /);
  assert.match(await ask('Host:\r\n'), /^HTTP\/1\.1 403 /);
  assert.match(await ask(`Host: localhost:${port}\r\n`), /^HTTP\/1\.1 200 /);
});

test('a target that names another server is nothing that is here', async (t) => {
  const { port } = await serveSmall(t);
  const answer = await raw(
    port,
    `GET http://rebound.example/api/state HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 404 /);
});

test('other sites may not ask, whatever they know', async (t) => {
  const { port, token, controlled } = await serveSmall(t);
  const own = { Authorization: `Bearer ${token}` };
  const wrong = [
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { Origin: `http://localhost:${port}` },
    { Origin: `https://127.0.0.1:${port}` },
    { Origin: 'http://127.0.0.1:3000' },
    { 'Sec-Fetch-Site': 'cross-site' },
    // Another port of this machine.
    { 'Sec-Fetch-Site': 'same-site' },
  ];
  for (const headers of wrong) {
    assert.equal((await askAdmin(port, '/api/state', { headers })).status, 403, JSON.stringify(headers));
    const post = await askAdmin(port, '/api/stop', { method: 'POST', headers: { ...own, ...headers } });
    assert.deepEqual([post.status, controlled.told], [403, []], JSON.stringify(headers));
  }
  for (const headers of [
    { Origin: `http://127.0.0.1:${port}` },
    { 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'none' },
  ])
    assert.equal((await askAdmin(port, '/api/state', { headers })).status, 200, JSON.stringify(headers));
});

test('a link of another site opens the page in a tab of its own, and reaches nothing else', async (t) => {
  const { port, token } = await serveSmall(t);
  const own = { Authorization: `Bearer ${token}` };
  const link = {
    'Sec-Fetch-Site': 'cross-site',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
    Accept: 'text/html',
  };
  assert.notEqual((await askAdmin(port, '/', { headers: link })).status, 403);
  assert.notEqual((await askAdmin(port, '/?from=there', { headers: { ...link, 'Sec-Fetch-Site': 'same-site' } })).status, 403);
  for (const path of ['/api/state', '/metrics', '/assets/a.js', '//', '/%2f'])
    assert.equal((await askAdmin(port, path, { headers: link })).status, 403, path);
  for (const headers of [
    { 'Sec-Fetch-Dest': 'iframe' },
    { 'Sec-Fetch-Dest': 'script' },
    { 'Sec-Fetch-Mode': 'no-cors' },
    { Host: 'example.test' },
    { Origin: 'https://example.test' },
  ])
    assert.equal((await askAdmin(port, '/', { headers: { ...link, ...headers } })).status, 403, JSON.stringify(headers));
  const post = await askAdmin(port, '/', { method: 'POST', headers: { ...own, ...link } });
  assert.equal(post.status, 403);
});

test('a preflight is told nothing that would let another site in', async (t) => {
  const { port } = await serveSmall(t);
  const { status, headers } = await askAdmin(port, '/api/stop', {
    method: 'OPTIONS',
    headers: { Origin: `http://127.0.0.1:${port}`, 'Access-Control-Request-Method': 'POST' },
  });
  assert.deepEqual([status, headers.allow, headers['access-control-allow-origin']], [405, 'POST', undefined]);
});

test('what changes anything, or looks into a worker, needs the token', async (t) => {
  const { port, token, controlled } = await serveSmall(t);
  const paths = [
    '/api/stop',
    '/api/reload',
    '/api/scale',
    ...['trace', 'profile', 'heap', 'inspect', 'recycle', 'kill'].map((what) => `/api/workers/w1/${what}`),
  ];
  const without = [
    {},
    { Authorization: token },
    { Authorization: `Basic ${token}` },
    { Authorization: `Bearer ${token}x` },
    { Authorization: 'Bearer ' },
  ];
  for (const path of [...paths, '/nothing']) {
    for (const headers of without) {
      const answer = await askAdmin(port, path, { method: 'POST', headers });
      assert.deepEqual(
        [answer.status, answer.headers['www-authenticate']],
        [401, 'Bearer'],
        `${path} ${JSON.stringify(headers)}`,
      );
      assert.ok(!answer.text.includes(token));
    }
  }
  assert.deepEqual(controlled.told, []);
  const answer = await askAdmin(port, '/api/stop', { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
  assert.deepEqual([answer.status, controlled.told], [200, ['stop']]);
});

test('over TCP even a body that is empty has to be JSON, which no form of another site can say', async (t) => {
  const { port, token, controlled } = await serveSmall(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': type };
    const { status, detail } = await problemOf(port, '/api/stop', { method: 'POST', headers });
    assert.equal(status, 415, detail);
  }
  assert.deepEqual(controlled.told, []);
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json; charset=utf-8' };
  assert.equal((await askAdmin(port, '/api/stop', { method: 'POST', headers })).status, 200);
});

test('each server has a token of its own, of 32 random bytes', async (t) => {
  const [first, second] = [await serveSmall(t), await serveSmall(t)];
  assert.notEqual(first.token, second.token);
  assert.equal(Buffer.from(first.token, 'base64url').length, 32);
});

test('prefork serve says where it is, after the line that it listens, and the token opens it', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('as-told.mjs'), args: ['--socket', 'off', '--admin-port', '0'] });
  const [, url = '', token = ''] = await server.waitForStdout(/^admin on (http:\/\/127\.0\.0\.1:\d+)\/#token=([\w-]{43})$/);
  assert.match(server.stdout()[0] ?? '', /^listening on /);
  const port = Number(new URL(url).port);
  assert.equal((await stateOf(port)).server.pid, server.pid);
  // It is in no log.
  assert.ok(!server.stderr().some((line) => line.includes(token)));
  const headers = { Authorization: `Bearer ${token}` };
  assert.equal((await askAdmin(port, '/api/stop', { method: 'POST' })).status, 401);
  assert.equal((await askAdmin(port, '/api/stop', { method: 'POST', headers })).status, 200);
  assert.deepEqual(await server.exited(30_000), { code: 0, signal: null });
});
