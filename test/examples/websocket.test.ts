import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { handler, root } from '../support/paths.ts';
import { get } from '../support/http.ts';
import { startServer } from '../support/server.ts';

const LONG = { timeout: 120_000 };

/** Sends each message and waits for it to come back; then closes. */
async function echo(url: string, messages: readonly (string | Buffer)[]): Promise<(string | Buffer)[]> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const seen: (string | Buffer)[] = [];
  for (const message of messages) {
    socket.send(message);
    const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
    seen.push(isBinary ? data : data.toString('utf8'));
  }
  socket.close(1000);
  const [code] = await once(socket, 'close');
  assert.equal(code, 1000);
  return seen;
}

const MESSAGES = ['hello', '', 'gr\u00fc\u00dfe \u{1f980}', Buffer.alloc(0), Buffer.alloc(1_000_000, 7)];

test('the example echoes what it is sent, answers plain requests, and says at the end that it comes again', LONG, async () => {
  await using server = await startServer({ entry: join(root, 'examples', 'websocket', 'app.js'), args: ['--max', '3'] });
  const url = server.url.replace('http', 'ws');
  assert.deepEqual(await echo(url, MESSAGES), MESSAGES);
  assert.match((await get(server.url)).text(), /^connect to ws:/);
  const socket = new WebSocket(url);
  await once(socket, 'open');
  server.signal('SIGTERM');
  const [code] = await once(socket, 'close');
  assert.equal(code, 1012);
  assert.deepEqual(await server.exited(), { code: 0, signal: null });
});

test('an http.Server with a WebSocketServer on it is used as it is', LONG, async () => {
  await using server = await startServer({ entry: handler('server-object.mjs'), args: ['--max', '3'] });
  const url = server.url.replace('http', 'ws');
  assert.deepEqual(await echo(`${url}/chat`, MESSAGES), MESSAGES);
  // ws answers what it does not serve.
  const refused = new WebSocket(`${url}/other`);
  const [error] = await once(refused, 'error');
  assert.match(String(error), /400/);
});

test('a Fastify app whose server is listened on is used as it is', LONG, async () => {
  await using server = await startServer({ entry: handler('fastify-websocket.mjs'), args: ['--mode', 'thread', '--max', '3'] });
  assert.deepEqual(await echo(server.url.replace('http', 'ws'), MESSAGES), MESSAGES);
  assert.equal((await get(server.url)).text(), 'plain');
});
