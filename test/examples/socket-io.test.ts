import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { root } from '../support/paths.ts';
import { get } from '../support/http.ts';
import { startServer } from '../support/server.ts';

test('the example answers its clients and tells all of them', { timeout: 120_000 }, async (t) => {
  await using server = await startServer({ entry: join(root, 'examples', 'socket.io', 'app.js'), args: ['--max', '3'] });
  const clients = [1, 2].map(() => io(server.url, { transports: ['websocket'], reconnection: false }));
  t.after(() => clients.forEach((client) => client.disconnect()));
  const [first, second] = clients;
  assert.ok(first !== undefined && second !== undefined);
  await Promise.all(clients.map(async (client) => client.connected || (await once(client as never, 'connect'))));
  assert.equal(await first.emitWithAck('add', 2, 3), 5);
  const heard = once(second as never, 'shout');
  first.emit('shout', 'hello');
  assert.deepEqual(await heard, ['HELLO']);
  assert.equal((await get(server.url)).text(), 'a Socket.IO server\n');
  const gone = once(second as never, 'disconnect');
  server.signal('SIGTERM');
  await gone;
  assert.deepEqual(await server.exited(), { code: 0, signal: null });
});
