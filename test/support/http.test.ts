import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { get, open, raw } from './http.ts';

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return Number(Object(server.address()).port);
}

async function serving(t: TestContext, listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(t, createServer(listener))}`;
}

test('sends what it is told and gives the whole response', async (t) => {
  const url = await serving(t, (request, response) => {
    response.writeHead(201, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
    response.write(`{"method":"${request.method}","x":"${String(request.headers['x-a'])}","body":"`);
    request.on('data', (chunk: Buffer) => response.write(chunk));
    request.on('end', () => response.end('"}'));
  });
  for (const body of ['hello', Buffer.from('hello'), Readable.from(['hel', 'lo'])]) {
    const response = await get(`${url}/`, { method: 'PUT', headers: { 'x-a': 'b' }, body });
    assert.equal(response.status, 201);
    assert.deepEqual(response.headers['set-cookie'], ['a=1', 'b=2']);
    assert.deepEqual(response.rawHeaders.slice(0, 4), ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
    assert.deepEqual(response.json(), { method: 'PUT', x: 'b', body: 'hello' });
  }
});

test('gives a response before its body, and can go away in the middle', async (t) => {
  const events = new EventEmitter();
  const url = await serving(t, (_request, response) => {
    response.on('close', () => events.emit('gone'));
    response.write('first');
  });
  const response = await open(url);
  const [chunk] = await once(response.body, 'data');
  assert.equal(String(chunk), 'first');
  const gone = once(events, 'gone');
  response.abort();
  await gone;
});

test('rejects a response that breaks off', async (t) => {
  const url = await serving(t, (_request, response) => {
    response.write('half', () => response.destroy());
  });
  await assert.rejects(get(url), { code: 'ECONNRESET' });
});

async function answering(t: TestContext, answer: (socket: Socket) => void): Promise<number> {
  return portOf(
    t,
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      answer(socket);
    }),
  );
}

test('writes exact bytes and reads until the close', async (t) => {
  const port = await answering(t, (socket) => socket.once('data', (chunk: Buffer) => socket.end(chunk.toString('hex'))));
  assert.equal(String(await raw(port, 'GET\0\u00ff\r\n')), '47455400ff0d0a');
  assert.equal(String(await raw(port, Uint8Array.of(0, 255))), '00ff');
});

test('stops when it has read enough, and takes a reset for a close', async (t) => {
  const patient = await answering(t, (socket) => socket.write('hello'));
  assert.equal(String(await raw(patient, 'x', { enough: (received) => received.includes('hello') })), 'hello');
  const rude = await answering(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  assert.equal(String(await raw(rude, 'x')), '');
});
