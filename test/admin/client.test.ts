import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { AdminEvent } from '../../src/admin/api.ts';
import { AdminClient } from '../../src/admin/client.ts';
import { readEvents } from '../../src/admin/read-events.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { pretendServer } from '../cli/pretended-server.ts';
import { serveSmall } from './served.ts';

async function refusal(asked: Promise<unknown>): Promise<[string, string]> {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof PreforkError, String(error));
    return [error.code, error.message];
  }
  throw new Error('nothing was refused');
}

test('asks over the socket and over TCP, and a refusal has the code and the words of the server', async (t) => {
  const { socket, port, token } = await serveSmall(t);
  const local = new AdminClient({ socket });
  assert.deepEqual(await local.post('/api/workers/w1/recycle', {}), { done: 'recycle w1' });
  assert.equal((await refusal(local.post('/api/workers/9/kill', {})))[0], 'ERR_NO_SUCH_WORKER');
  assert.equal((await refusal(local.stream('POST', '/api/workers/9/heap', {})))[0], 'ERR_NO_SUCH_WORKER');
  assert.equal(await text(await local.stream('POST', '/api/workers/w1/heap', {})), '{"snapshot":{}}');
  const known = new AdminClient({ host: '127.0.0.1', port, token });
  assert.deepEqual(await known.post('/api/scale', { workers: 4 }), { done: 'scale 4' });
  const stranger = new AdminClient({ host: '127.0.0.1', port, token: undefined });
  const [code, message] = await refusal(stranger.post('/api/scale', { workers: 4 }));
  assert.equal(code, 'ERR_ADMIN');
  assert.match(message, /; give it in PREFORK_TOKEN, or as the end of --url, #token=…$/);
});

test('what does not answer as a server does is said in one line', { timeout: 60_000 }, async (t) => {
  const { socket } = await pretendServer(t, (request, response) => {
    switch (request.url) {
      case '/text':
        response.end('<html>');
        return;
      case '/broken':
        response.write('{"server":', () => response.destroy());
        return;
      case '/odd':
        response.writeHead(418).end('{"code":"ERR_MADE_UP","detail":7}');
        return;
      default:
    }
  });
  const client = new AdminClient({ socket });
  assert.deepEqual(await refusal(client.get('/text')), [
    'ERR_ADMIN',
    `${socket}: the answer is no JSON; is this a prefork server?`,
  ]);
  assert.deepEqual(await refusal(client.get('/broken')), ['ERR_ADMIN', `${socket}: the answer broke off`]);
  assert.deepEqual(await refusal(client.get('/odd')), ['ERR_ADMIN', 'the server answered with status 418']);
  assert.deepEqual(await refusal(client.get('/silent', { timeoutMs: 100 })), [
    'ERR_NO_SERVER',
    `${socket}: no answer within 0.1 s: the server is stopped, or computes itself (mode blocking)`,
  ]);
  assert.deepEqual(await refusal(new AdminClient({ socket: `${socket}x` }).get('/')), [
    'ERR_NO_SERVER',
    `${socket}x: no server listens there`,
  ]);
  assert.equal((await refusal(new AdminClient({ socket: '/x'.repeat(200) }).get('/')))[0], 'ERR_NO_SERVER');
});

test('a request that its caller gives up rejects with the reason, not as a server that is away', async (t) => {
  const ending = new AbortController();
  const { socket, left } = await pretendServer(t, () => ending.abort());
  await assert.rejects(new AdminClient({ socket }).get('/', { signal: ending.signal }), { name: 'AbortError' });
  await left;
});

test('the events of a real server', async (t) => {
  const { socket, admin } = await serveSmall(t);
  const ending = new AbortController();
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { event } of new AdminClient({ socket }).events(ending.signal)) {
      seen.push(event);
      if (event === 'state') admin.tell({ event: 'moment', data: { at: 'now', type: 'server:closed' } });
      if (event === 'moment') ending.abort();
    }
  };
  await assert.rejects(read());
  assert.deepEqual([seen[0], seen.at(-1)], ['state', 'moment']);
});

const STREAM = [
  ': a comment\n\n',
  'id: 1\nevent: moment\ndata: {"at":"ä😀","type":"a"}\n\n',
  'event: nothing\n\n',
  'data: {"without":"a name"}\n\n',
  'event: state\ndata: {"server":\ndata: {}}\n\n',
  'event: moment\ndata: {"never":"ended"}\n',
].join('');

const EVENTS = [
  { event: 'moment', data: { at: 'ä😀', type: 'a' } },
  { event: 'state', data: { server: {} } },
];

for (const size of [1, 2, 7, 10_000]) {
  test(`an event stream in pieces of ${size} bytes, characters cut in two as well`, async () => {
    const bytes = Buffer.from(STREAM);
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
    const seen: AdminEvent[] = [];
    for await (const event of readEvents(Readable.from(pieces))) seen.push(event);
    assert.deepEqual(seen, EVENTS);
  });
}

test('a stream that never ends an event is given up', async () => {
  const endless = new PassThrough();
  const read = async (): Promise<void> => {
    for await (const event of readEvents(endless)) assert.fail(JSON.stringify(event));
  };
  const failed = assert.rejects(read(), /an event without an end/);
  endless.end(Buffer.alloc(17 * 1024 * 1024, 'x'));
  await failed;
});
