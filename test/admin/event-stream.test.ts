import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { EventStream } from '../../src/admin/event-stream.ts';
import { publish } from '../../src/events/events.ts';
import { until } from '../support/until.ts';
import { askAdmin, openAdmin } from './ask-admin.ts';
import { EventReader } from './event-reader.ts';
import { serveSmall } from './served.ts';
import { INCIDENT, SmallControlled } from './small-controlled.ts';

const incident = (id: string) => ({ event: 'incident', data: { ...INCIDENT, id } }) as const;

test('who listens gets the state, and then what happens, with ids that count up', async (t) => {
  const { socket, admin } = await serveSmall(t);
  const reader = await EventReader.open(socket);
  const [first] = await reader.some(1);
  assert.equal(first?.event, 'state');
  assert.match(String(reader.headers['content-type']), /^text\/event-stream/);
  admin.tell(incident('a'));
  publish({ type: 'worker:gone', worker: 3, pid: 4713, reason: 'exit code 3', unexpected: true });
  publish({ type: 'worker:output', worker: 3, pid: 4713, stream: 'stdout', line: 'secret of a handler' });
  publish({ type: 'task:ended', task: 1, status: 200, code: null, runMs: 1 });
  publish({ type: 'boots:resumed' });
  const happened = await reader.until((event) => Object(event.data).type === 'boots:resumed');
  const told = happened.filter(({ event }) => event !== 'state');
  assert.deepEqual(
    told.map(({ event, data }) => [event, Object(data).id ?? Object(data).type]),
    [
      ['incident', 'a'],
      ['moment', 'worker:gone'],
      ['moment', 'boots:resumed'],
    ],
  );
  const moment = Object(told[1]?.data);
  assert.deepEqual([moment.worker, moment.pid, moment.reason], [3, 4713, 'exit code 3']);
  assert.ok(!Number.isNaN(Date.parse(moment.at)));
  const ids = happened.map(({ id }) => id);
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(ids).size, ids.length);
  reader.close();
});

test('who comes back gets what was missed, once, and then the state', async (t) => {
  const { socket, admin } = await serveSmall(t);
  const before = await EventReader.open(socket);
  admin.tell(incident('seen'));
  const seen = (await before.until(({ event }) => event === 'incident')).at(-1)?.id;
  before.close();
  for (const id of ['a', 'b', 'c']) admin.tell(incident(id));
  const after = await EventReader.open(socket, seen);
  const events = await after.until(({ event }) => event === 'state');
  assert.deepEqual(
    events.map(({ event, data }) => [event, Object(data).id]),
    [
      ['incident', 'a'],
      ['incident', 'b'],
      ['incident', 'c'],
      ['state', undefined],
    ],
  );
  after.close();
});

test('who was away for too long, or for another server, gets a fresh state in place of what was missed', async (t) => {
  const { socket, admin } = await serveSmall(t, { events: 2 });
  const before = await EventReader.open(socket);
  const [first] = await before.some(1);
  before.close();
  for (const id of ['a', 'b', 'c', 'd']) admin.tell(incident(id));
  for (const lastId of [first?.id, 1, 'x', (first?.id ?? 0) + 1e9, '-1', '1e9']) {
    const after = await EventReader.open(socket, lastId);
    const [event] = await after.some(1);
    assert.equal(event?.event, 'state', `after ${lastId}`);
    after.close();
  }
});

test('a slow reader is dropped when too much waits for it, and the others go on', async (t) => {
  const { socket, admin } = await serveSmall(t, { pendingBytes: 64 * 1024 });
  const fast = await EventReader.open(socket);
  const slow = await openAdmin(socket, '/api/events');
  slow.pause();
  const closed = new Promise((resolve) => {
    slow.socket.once('close', resolve);
  });
  const large = { ...INCIDENT, lastWords: ['x'.repeat(10_000)] };
  let told = 0;
  // What the system takes in for it is bounded as well: some hundred KB.
  for (; told < 500; told += 1) {
    admin.tell({ event: 'incident', data: { ...large, id: String(told) } });
    await fast.until(({ data }) => Object(data).id === String(told));
  }
  let bytes = 0;
  slow.on('data', (piece: Buffer) => (bytes += piece.length));
  slow.on('error', () => undefined);
  slow.resume();
  await closed;
  assert.ok(bytes < 3_000_000, `${bytes} bytes of ${told * 10_000} were kept for it`);
  admin.tell(incident('last'));
  await fast.until(({ data }) => Object(data).id === 'last');
  fast.close();
});

test('a reader that takes nothing for too long is dropped, however little waits for it', async (t) => {
  const { socket, admin, controlled } = await serveSmall(t, { pendingBytes: 2 ** 30, stalledMs: 100 });
  controlled.padding = 'x'.repeat(4 * 2 ** 20);
  const slow = await openAdmin(socket, '/api/events');
  slow.pause();
  slow.on('error', () => undefined);
  const closed = new Promise((resolve) => {
    slow.socket.once('close', resolve);
  });
  const states = (): boolean => controlled.states >= 2;
  await until(states, { describe: 'the server to have looked at it again' });
  slow.resume();
  await closed;
  await admin.close();
});

test('more listeners than it has room for are told so', async (t) => {
  const { socket } = await serveSmall(t, { clients: 2 });
  const readers = [await EventReader.open(socket), await EventReader.open(socket)];
  const { status, headers, text } = await askAdmin(socket, '/api/events');
  assert.deepEqual([status, headers['retry-after']], [503, '10']);
  assert.match(text, /2 clients listen to events already/);
  readers[0]?.close();
  await until(
    async () => {
      const response = await openAdmin(socket, '/api/events');
      response.destroy();
      return response.statusCode === 200;
    },
    { describe: 'room for another one' },
  );
  readers[1]?.close();
});

test('the end of the API ends the streams', async (t) => {
  const { socket, admin } = await serveSmall(t);
  const reader = await EventReader.open(socket);
  await reader.some(1);
  await admin.close();
  await reader.ended();
});

test('the state is made at most twice a second, once for all, and for nobody when nobody listens', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const controlled = new SmallControlled();
  const stream = new EventStream(
    () => controlled.state(),
    () => () => {},
  );
  const join = (): ServerResponse => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    stream.attach(response, undefined);
    return response;
  };
  t.mock.timers.tick(10_000);
  assert.equal(controlled.states, 0);
  const [first, second] = [join(), join()];
  assert.equal(controlled.states, 2);
  t.mock.timers.tick(10_000);
  assert.equal(controlled.states, 2 + 20);
  first.emit('close');
  t.mock.timers.tick(1000);
  assert.equal(controlled.states, 2 + 22);
  second.emit('close');
  t.mock.timers.tick(10_000);
  assert.equal(controlled.states, 2 + 22);
  stream.close();
});
