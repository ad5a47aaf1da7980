import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Inspection, ReloadReport, WorkerInfo } from '../../src/admin/api.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { get } from '../support/http.ts';
import { until } from '../support/until.ts';
import { startWithAdmin } from './admin-of.ts';
import { askAdmin, computingIn, openAdmin, problemOf, stateOf } from './ask-admin.ts';

const APP = `export default function handle(request: Request): Response {
  if (new URL(request.url).pathname === '/loop') spin(1);
  return new Response(String(process.pid));
}

function spin(step: number): never {
  for (let at = 0; ; at += step) Math.sqrt(at);
}
`;

for (const mode of ['fork', 'pool', 'cluster', 'thread']) {
  test(`mode ${mode}: over the API a worker that loops is looked into, and ended`, { timeout: 120_000 }, async (t) => {
    const entry = join(await temporaryFolder(t, { 'app.ts': APP }), 'app.ts');
    await using admin = await startWithAdmin(t, { entry, args: ['--mode', mode, '--max', '2', '--deadline', '10m'] });
    const { server, socket } = admin;
    const answer = get(`${server.url}/loop`).then(
      ({ status }) => status,
      () => 'broken off',
    );
    const looping = await until(async () => (await stateOf(socket)).workers.find(({ task }) => task?.url === '/loop'), {
      describe: 'the task to be seen',
      withinMs: 30_000,
    });
    const post = (what: string, body?: unknown): ReturnType<typeof askAdmin> =>
      askAdmin(socket, `/api/workers/w${looping.id}/${what}`, { method: 'POST', body });
    const stack = await computingIn(socket, `w${looping.id}`, 'spin');
    assert.deepEqual([stack.worker, stack.pid, stack.frames[0]?.file], [looping.id, looping.pid, entry], stack.summary);
    const profile = Object((await post('profile', { seconds: 0.3 })).json());
    assert.match(JSON.stringify(profile.nodes), /"functionName":"spin"/);
    if (mode !== 'thread') {
      const response = await openAdmin(socket, `/api/workers/w${looping.id}/inspect`, { method: 'POST' });
      const line = await new Promise<Buffer>((resolve) => {
        response.once('data', resolve);
      });
      const { webSocketUrl, pid } = JSON.parse(line.toString('utf8')) as Inspection;
      assert.equal(pid, looping.pid);
      const { host } = new URL(webSocketUrl);
      assert.equal((await get(`http://${host}/json/version`)).status, 200);
      response.destroy();
      await until(
        () =>
          get(`http://${host}/json/version`).then(
            () => false,
            () => true,
          ),
        { describe: 'the port to be closed' },
      );
    }
    assert.equal((await post('kill')).status, 200);
    assert.equal(await answer, mode === 'cluster' ? 'broken off' : 502);
    await until(async () => (await stateOf(socket)).totals.crashed === 1, { describe: 'the task to count as crashed' });
    await until(async () => !(await stateOf(socket)).workers.some(({ id }) => id === looping.id), { describe: 'it to be gone' });
    assert.deepEqual(
      (await problemOf(socket, `/api/workers/w${looping.id}/kill`, { method: 'POST' })).code,
      'ERR_NO_SUCH_WORKER',
    );
  });
}

test('a reload, a number of workers and a recycled worker show in the state', { timeout: 120_000 }, async (t) => {
  const entry = join(await temporaryFolder(t, { 'app.ts': APP }), 'app.ts');
  await using admin = await startWithAdmin(t, { entry, args: ['--max', '2'] });
  const { socket } = admin;
  const reloaded = (await askAdmin(socket, '/api/reload', { method: 'POST' })).json() as ReloadReport;
  assert.equal(reloaded.generation, 2);
  assert.equal((await stateOf(socket)).server.generation, 2);
  const isNew = ({ state, generation }: WorkerInfo): boolean => state === 'idle' && generation === 2;
  const worker = await until(async () => (await stateOf(socket)).workers.find(isNew), {
    describe: 'a worker with the new code',
    withinMs: 30_000,
  });
  assert.equal((await askAdmin(socket, `/api/workers/${worker.pid}/recycle`, { method: 'POST' })).status, 200);
  await until(async () => !(await stateOf(socket)).workers.some(({ id }) => id === worker.id), { describe: 'it to be replaced' });
  const scaled = await askAdmin(socket, '/api/scale', { method: 'POST', body: { workers: 3 } });
  assert.equal(scaled.status, 200);
  await until(async () => (await stateOf(socket)).workers.filter(({ state }) => state === 'idle').length === 3, {
    describe: 'three workers',
    withinMs: 30_000,
  });
});

test('while new code boots the state says so', { timeout: 120_000 }, async (t) => {
  const entry = join(await temporaryFolder(t, { 'app.mjs': 'export default () => new Response("one");' }), 'app.mjs');
  await using admin = await startWithAdmin(t, { entry, args: ['--max', '2'] });
  await writeFile(entry, 'await new Promise((resolve) => setTimeout(resolve, 1500));\nexport default () => new Response("two");');
  const reloading = askAdmin(admin.socket, '/api/reload', { method: 'POST' });
  await until(async () => (await stateOf(admin.socket)).server.state === 'reloading', { describe: 'it to be told' });
  assert.equal((await reloading).status, 200);
  await until(async () => (await stateOf(admin.socket)).server.state === 'serving', { describe: 'it to be over' });
});
