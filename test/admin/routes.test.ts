import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { until } from '../support/until.ts';
import { askAdmin, openAdmin, problemOf, stateOf } from './ask-admin.ts';
import { serveSmall } from './served.ts';
import { INCIDENT } from './small-controlled.ts';

test('what can be read is read', async (t) => {
  const { socket } = await serveSmall(t);
  assert.equal((await stateOf(socket)).queue.depth, 3);
  assert.deepEqual((await askAdmin(socket, '/api/settings')).json(), { settings: [{ name: 'max', value: 4, source: 'flag' }] });
  assert.deepEqual((await askAdmin(socket, '/api/incidents')).json(), { groups: [], incidents: [INCIDENT], dropped: 0 });
  assert.deepEqual((await askAdmin(socket, `/api/incidents/${INCIDENT.id}`)).json(), INCIDENT);
  const metrics = await askAdmin(socket, '/metrics');
  assert.match(String(metrics.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(metrics.text, /prefork_ready 1/);
  const about = await askAdmin(socket, '/');
  assert.match(String(about.headers['content-type']), /^text\/plain/);
  assert.match(about.text, /GET {2}\/api\/state/);
});

test('everything bears the headers that keep browsers from doing more with it', async (t) => {
  const { socket, port } = await serveSmall(t);
  for (const place of [socket, port]) {
    for (const path of ['/', '/api/state', '/metrics', '/livez', '/nothing', '/api/stop']) {
      const { headers } = await askAdmin(place, path);
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, path);
      assert.deepEqual([headers['x-content-type-options'], headers['cache-control']], ['nosniff', 'no-store'], path);
      assert.ok(!Object.keys(headers).some((name) => name.startsWith('access-control')), path);
    }
  }
});

test('HEAD is GET without a body, also for the events', async (t) => {
  const { socket } = await serveSmall(t);
  for (const path of ['/api/state', '/api/events', '/livez']) {
    const { status, text } = await askAdmin(socket, path, { method: 'HEAD' });
    assert.deepEqual([status, text], [200, ''], path);
  }
});

test('what there is not, and what can not be done to what there is', async (t) => {
  const { socket } = await serveSmall(t);
  for (const path of [
    '/api',
    '/api/',
    '/api/state/',
    '/api/workers',
    '/api/workers/4711',
    '/api/workers/4711/x',
    '/api/workers/*/kill/',
  ]) {
    const { status, code } = await problemOf(socket, path, { method: 'POST' });
    assert.deepEqual([status, code], [404, 'ERR_ADMIN'], path);
  }
  for (const name of ['constructor', '__proto__', 'hasOwnProperty'])
    assert.equal((await askAdmin(socket, `/${name}`)).status, 404, name);
  const post = await askAdmin(socket, '/api/state', { method: 'POST' });
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
  const got = await askAdmin(socket, '/api/stop');
  assert.deepEqual([got.status, got.headers.allow], [405, 'POST']);
  assert.match(got.text, /"detail":"found the method GET, expected POST"/);
  const put = await askAdmin(socket, '/livez', { method: 'PUT' });
  assert.deepEqual([put.status, put.headers.allow], [405, 'GET, HEAD']);
});

test('what is told to workers and to the server is done', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  const post = (path: string, body?: unknown): Promise<{ status: number; text: string }> =>
    askAdmin(socket, path, { method: 'POST', body });
  assert.match((await post('/api/workers/4711/trace')).text, /"verdict":"computing"/);
  assert.match((await post('/api/workers/w1/profile', { seconds: 0.25 })).text, /"endTime":250000/);
  assert.match((await post('/api/workers/w1/profile')).text, /"endTime":5000000/);
  assert.equal((await post('/api/workers/w1/heap')).text, '{"snapshot":{}}');
  await post('/api/workers/w1/recycle');
  await post('/api/workers/4711/kill');
  await post('/api/scale', { workers: 3 });
  await post('/api/stop');
  assert.equal((await post('/api/stop', { force: true })).text, '{"done":"stop by force"}\n');
  assert.deepEqual(controlled.told, ['recycle w1', 'kill 4711', 'scale 3', 'stop', 'stop by force']);
});

const WRONG: readonly (readonly [path: string, body: unknown, detail: RegExp])[] = [
  ['/api/workers/0/kill', {}, /worker: found "0", expected a pid such as 4711, or w and an id/],
  ['/api/workers/w/kill', {}, /worker: found "w"/],
  ['/api/workers/1%00/kill', {}, /worker: found "1%00"/],
  ['/api/workers/w1/kill', { now: true }, /found the unknown field "now", expected none/],
  ['/api/workers/w1/profile', { seconds: 0 }, /seconds: found 0, expected a number from 0\.1 to 300/],
  ['/api/workers/w1/profile', { seconds: '5' }, /seconds: found "5"/],
  ['/api/workers/w1/profile', { secs: 5 }, /unknown field "secs", expected seconds/],
  ['/api/workers/w1/inspect', { holdDeadline: 1 }, /holdDeadline: found 1, expected true or false/],
  ['/api/scale', {}, /workers: found nothing, expected a whole number from 1 to 4096/],
  ['/api/scale', { workers: 1.5 }, /workers: found 1\.5/],
  ['/api/scale', { workers: [2] }, /workers: found a list/],
  ['/api/stop', { force: null }, /force: found null/],
  ['/api/stop', '[]', /body: found a list, expected a JSON object/],
  ['/api/stop', '{', /body: found what is no JSON/],
  ['/api/stop', '"\u202e"', /body: found "\\u202e"/],
];

test('what makes no sense is said in one line, and not done', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  for (const [path, body, expected] of WRONG) {
    const { status, code, detail } = await problemOf(socket, path, { method: 'POST', body });
    assert.deepEqual([status, code], [400, 'ERR_ADMIN'], detail);
    assert.match(detail, expected);
    assert.match(detail, /^[ -~]+$/);
  }
  assert.deepEqual(controlled.told, []);
});

test('what the server refuses has the status of its code', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  const missing = await problemOf(socket, '/api/workers/12/kill', { method: 'POST' });
  assert.deepEqual([missing.status, missing.code], [404, 'ERR_NO_SUCH_WORKER']);
  const broken = await problemOf(socket, '/api/reload', { method: 'POST' });
  assert.deepEqual([broken.status, broken.code, broken.title], [409, 'ERR_RELOAD', 'Conflict']);
  const unknown = await problemOf(socket, '/api/incidents/zzzzzzzzzzzz');
  assert.deepEqual([unknown.status, unknown.code], [404, 'ERR_ADMIN']);
  assert.equal((await problemOf(socket, '/api/incidents/x')).status, 400);
  controlled.heapPieces = [new PreforkError('ERR_OBSERVE', 'a snapshot needs 2GB, and 1GB is free')];
  const refused = await problemOf(socket, '/api/workers/w1/heap', { method: 'POST' });
  assert.deepEqual([refused.status, refused.code, refused.detail], [502, 'ERR_OBSERVE', 'a snapshot needs 2GB, and 1GB is free']);
});

test('a heap snapshot that breaks off does not look whole', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  controlled.heapPieces = ['{"snapshot":', new PreforkError('ERR_OBSERVE', 'the worker is gone')];
  await assert.rejects(askAdmin(socket, '/api/workers/w1/heap', { method: 'POST' }), { code: 'ECONNRESET' });
});

test('a body that is too large, or of another type, is not read', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  const large = JSON.stringify({ force: true, padding: 'x'.repeat(20_000) });
  assert.equal((await askAdmin(socket, '/api/stop', { method: 'POST', body: large })).status, 413);
  const chunked = { 'Transfer-Encoding': 'chunked' };
  assert.equal((await askAdmin(socket, '/api/stop', { method: 'POST', body: large, headers: chunked })).status, 413);
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  assert.equal((await askAdmin(socket, '/api/stop', { method: 'POST', body: 'force=true', headers: form })).status, 415);
  const cookies = { Cookie: 'x'.repeat(20_000) };
  assert.equal((await askAdmin(socket, '/api/state', { headers: cookies })).status, 431);
  assert.deepEqual(controlled.told, []);
});

test('the inspector is open for as long as the client stays', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  const response = await openAdmin(socket, '/api/workers/w1/inspect', { method: 'POST', body: { holdDeadline: true } });
  const [line] = await once(response);
  assert.deepEqual(JSON.parse(line), { pid: 4711, webSocketUrl: 'ws://127.0.0.1:9229/x', devtoolsUrl: 'devtools://devtools/x' });
  assert.ok(controlled.inspected);
  response.destroy();
  await until(() => !controlled.inspected, { describe: 'the inspector to be closed' });
  assert.deepEqual(controlled.told, ['inspect w1 held']);
});

test('the end of the API ends the inspector, and its answer without an error', async (t) => {
  const { socket, controlled, admin } = await serveSmall(t);
  const response = await openAdmin(socket, '/api/workers/w1/inspect', { method: 'POST' });
  await once(response);
  const ended = new Promise((resolve) => {
    response.once('end', resolve);
  });
  await admin.close();
  await ended;
  assert.ok(!controlled.inspected);
});

test('who goes away while a worker is looked into is not waited for', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  controlled.traceHangs = true;
  const gone = new AbortController();
  const answer = assert.rejects(askAdmin(socket, '/api/workers/w1/trace', { method: 'POST', signal: gone.signal }));
  await until(() => controlled.told.includes('trace w1'), { describe: 'the trace to begin' });
  gone.abort();
  await answer;
  await until(() => controlled.told.includes('trace given up'), { describe: 'the trace to be given up' });
});

test('the inspector ends with its worker, and the answer with it', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  const response = await openAdmin(socket, '/api/workers/w1/inspect', { method: 'POST' });
  await once(response);
  const ended = new Promise((resolve) => {
    response.once('end', resolve);
  });
  controlled.endWorker();
  await ended;
});

test('what goes on when the API ends is told so', async (t) => {
  const { socket, controlled, admin } = await serveSmall(t);
  controlled.traceHangs = true;
  const answer = problemOf(socket, '/api/workers/w1/trace', { method: 'POST' });
  await until(() => controlled.told.includes('trace w1'), { describe: 'the trace to begin' });
  await admin.close();
  const { status, code } = await answer;
  assert.deepEqual([status, code], [503, 'ERR_SHUTTING_DOWN']);
});

test('health: ready, or why not', async (t) => {
  const { socket, controlled } = await serveSmall(t);
  const [live, ready] = [await askAdmin(socket, '/livez'), await askAdmin(socket, '/readyz?verbose')];
  assert.deepEqual([live.status, live.text, ready.status, ready.text], [200, 'ok\n', 200, 'ok\n']);
  controlled.ready = false;
  const unready = await askAdmin(socket, '/readyz');
  assert.deepEqual([unready.status, unready.text], [503, 'the server is ending\n']);
  assert.equal((await askAdmin(socket, '/livez')).status, 200);
});

async function once(response: NodeJS.ReadableStream): Promise<[string]> {
  return new Promise((resolve) => {
    response.once('data', (bytes: Buffer) => resolve([bytes.toString('utf8')]));
  });
}
