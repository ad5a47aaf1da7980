import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { discardBody } from '../../src/http/discard-body.ts';
import { get } from '../support/http.ts';
import { until } from '../support/until.ts';
import { httpServer } from './http-server.ts';

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

suite('discardBody', () => {
  test('the client sees the answer although nobody wanted its body, and its connection goes on', async (t) => {
    const sockets = new Set<Socket>();
    const { url } = await httpServer(t, (request, response) => {
      sockets.add(request.socket);
      response.writeHead(413).end('too large');
      discardBody(request);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (let count = 0; count < 3; count += 1) {
      const { status, body } = await get(url, {
        method: 'POST',
        agent,
        body: Readable.from(Array(50).fill(Buffer.alloc(64 * 1024))),
      });
      assert.deepEqual([status, body.toString()], [413, 'too large']);
    }
    assert.equal(sockets.size, 1);
  });

  test('leaves no listener and no timer on a connection that goes on', async (t) => {
    const counts: number[] = [];
    const requests: IncomingMessage[] = [];
    const { url } = await httpServer(t, (request, response) => {
      counts.push(request.socket.listenerCount('close'));
      requests.push(request);
      response.writeHead(503).end();
      assert.equal(request.complete, false);
      discardBody(request);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (let count = 0; count < 20; count += 1)
      await get(url, { method: 'POST', agent, body: Readable.from([Buffer.alloc(300_000)]) });
    assert.equal(new Set(requests.map((request) => request.socket)).size, 1, 'all requests came over one connection');
    // The listener of the request before may still be there when the next one arrives; one a request would be 20 of them.
    assert.ok(
      Math.max(...counts) - Math.min(...counts) <= 2,
      `listeners on the connection at each request: ${counts.join(', ')}`,
    );
    // Some timers are those of node:http and of the wait itself; one a request would be 20 more.
    await until(() => timers() < 10, { describe: () => `the timers of discardBody to go, ${timers()} are left` });
  });

  test('does nothing with a request that is complete', async (t) => {
    let listeners: number | undefined;
    const { url } = await httpServer(t, async (request, response) => {
      request.resume();
      await once(request, 'end');
      const before = request.socket.listenerCount('close');
      discardBody(request);
      listeners = request.socket.listenerCount('close') - before;
      response.end();
    });
    await get(url, { method: 'POST', body: 'x' });
    assert.equal(listeners, 0);
  });

  test('gives up on a client that never ends its body', async (t) => {
    const { port } = await httpServer(t, (request, response) => {
      response.writeHead(413, { 'content-length': '0' }).end();
      discardBody(request);
    });
    const client = connect(port, '127.0.0.1');
    client.on('error', () => {}).resume();
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nsome');
    await until(() => client.closed, { describe: 'the server to close the connection; it gives it 2 s', withinMs: 20_000 });
  });
});
