import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { socketFolder } from '../../src/admin/socket-folder.ts';
import { serve } from '../../src/server/serve.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { get, open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { ServerExited, startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { printed, send } from '../children/watch.ts';
import { startWithAdmin } from './admin-of.ts';
import { askAdmin, stateOf } from './ask-admin.ts';
import { EventReader } from './event-reader.ts';

const entry = handler('as-told.mjs');
const UID = process.getuid?.() ?? 0;

async function failure(args: readonly string[]): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const error: unknown = await startServer({ entry, args }).then(
    () => assert.fail('expected it not to start'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ServerExited);
  return {
    code: error.exit.code,
    stderr: error.stderr
      .split('\n')
      .filter((line) => line.startsWith('prefork:'))
      .join('\n'),
  };
}

test('by default it is at a socket by its pid, which ends with it', { timeout: 60_000 }, async (t) => {
  const XDG_RUNTIME_DIR = await temporaryFolder(t, {});
  await using server = await startServer({ entry, env: { XDG_RUNTIME_DIR } });
  const socket = join(socketFolder({ XDG_RUNTIME_DIR }, UID), `${server.pid}.sock`);
  const { server: self, workers } = await stateOf(socket);
  assert.deepEqual(
    [self.pid, self.mode, self.node, self.url, self.state, self.entry, self.generation],
    [server.pid, 'pool', process.version, server.url, 'serving', entry, 1],
  );
  assert.ok(self.rssBytes > 2 ** 20 && self.eventLoopDelayMs >= 0 && workers.length >= 1);
  assert.equal(server.stdout().length, 1, 'the socket is on no line of stdout');
  await server.stop();
  assert.ok(!existsSync(socket));
});

test('a default socket that can not be is a notice, and the server serves', { timeout: 60_000 }, async (t) => {
  const XDG_RUNTIME_DIR = await temporaryFolder(t, {});
  const folder = socketFolder({ XDG_RUNTIME_DIR }, UID);
  await mkdir(folder);
  await chmod(folder, 0o777);
  await using server = await startServer({ entry, env: { XDG_RUNTIME_DIR } });
  const notice = await server.waitForLog((line) => line['event'] === 'server:notice');
  assert.match(String(notice['msg']), /found mode 0777, expected 0700.*chmod 700 .* The server serves without it/);
  assert.equal((await get(server.url)).status, 200);
});

test('a socket or a port that was asked for and can not be ends the start with one line', { timeout: 120_000 }, async (t) => {
  const folder = await temporaryFolder(t, { file: '' });
  const file = await failure(['--socket', join(folder, 'file')]);
  assert.equal(file.code, 4);
  assert.match(
    file.stderr,
    /^prefork: the Unix socket of the admin API, .*file: something is there that is no socket.*\(ERR_LISTEN\)$/,
  );
  const taken = createServer();
  t.after(() => taken.close());
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  const { port } = Object(taken.address());
  const second = await failure(['--socket', 'off', '--admin-port', String(port)]);
  assert.equal(second.code, 4);
  assert.match(
    second.stderr,
    /^prefork: port \d+ on 127\.0\.0\.1, for the admin API, is in use .*--admin-port \(ERR_PORT_IN_USE\)$/,
  );
});

test('two servers in one process have an API each', { timeout: 60_000 }, async (t) => {
  const options = { entry, port: 0, max: 1, logLevel: 'silent', adminPort: 0 } as const;
  const [first, second] = [await serve(options), await serve(options)];
  t.after(() => Promise.all([first.close({ force: true }), second.close({ force: true })]));
  for (const { admin, url } of [first, second]) {
    assert.equal((await stateOf(admin.socket ?? '')).server.url, url);
    assert.equal((await stateOf(Number(new URL(admin.url ?? '').port))).server.url, url);
  }
  assert.notEqual(first.admin.socket, second.admin.socket);
  assert.notEqual(first.admin.token, second.admin.token);
  await first.close();
  assert.ok(!existsSync(first.admin.socket ?? ''));
  assert.equal((await stateOf(second.admin.socket ?? '')).server.url, second.url);
});

test('with neither there is none', { timeout: 60_000 }, async (t) => {
  const server = await serve({ entry, port: 0, max: 1, logLevel: 'silent', socket: 'off' });
  t.after(() => server.close({ force: true }));
  assert.deepEqual(server.admin, { socket: null, url: null, token: null });
});

test('while the server drains the API answers, and its last word is that all is over', { timeout: 60_000 }, async (t) => {
  await using admin = await startWithAdmin(t, { entry: handler('failures.mjs'), args: ['--max', '1'] });
  const { server, socket } = admin;
  const holds = await open(`${server.url}/half-and-never`);
  const events = await EventReader.open(socket);
  const { status, text } = await askAdmin(socket, '/api/stop', { method: 'POST' });
  assert.deepEqual([status, text], [200, '{"done":"the server ends when what it has taken is done"}\n']);
  const { server: self, workers } = await stateOf(socket);
  assert.deepEqual([self.state, workers[0]?.running], ['draining', 1]);
  const ready = await askAdmin(socket, '/readyz');
  assert.deepEqual([ready.status, ready.text], [503, 'the server is ending\n']);
  assert.equal((await askAdmin(socket, '/livez')).status, 200);
  holds.abort();
  await events.ended();
  await events.until(({ data }) => Object(data).type === 'server:closed');
  assert.deepEqual(await server.exited(30_000), { code: 0, signal: null });
  assert.ok(!existsSync(socket));
});

test('stopped by force it cuts off what runs', { timeout: 60_000 }, async (t) => {
  await using admin = await startWithAdmin(t, { entry, args: ['--max', '1'] });
  send(admin.server, '/loop');
  await printed(admin.server, 'looping');
  assert.equal((await askAdmin(admin.socket, '/api/stop', { method: 'POST', body: { force: true } })).status, 200);
  assert.deepEqual(await admin.server.exited(30_000), { code: 5, signal: null });
});

test('the settings in force come with their sources', { timeout: 60_000 }, async (t) => {
  await using admin = await startWithAdmin(t, {
    entry,
    args: ['--deadline', '90s', '--max-body', '64KB'],
    env: { PREFORK_MAX: '3' },
  });
  const { settings } = (await askAdmin(admin.socket, '/api/settings')).json() as { settings: { name: string }[] };
  const of = (name: string): unknown => settings.find((setting) => setting.name === name);
  assert.deepEqual(of('deadline'), { name: 'deadline', value: '90s', source: 'flag' });
  assert.deepEqual(of('maxBody'), { name: 'maxBody', value: '64KB', source: 'flag' });
  assert.deepEqual(of('max'), { name: 'max', value: 3, source: 'environment' });
  assert.deepEqual(of('floor'), { name: 'floor', value: '10%', source: 'default' });
  assert.deepEqual(of('adminPort'), { name: 'adminPort', value: 'off', source: 'default' });
  assert.deepEqual(of('serverTiming'), { name: 'serverTiming', value: true, source: 'default' });
});

for (const mode of ['blocking', 'fork', 'pool', 'thread', 'cluster']) {
  test(`mode ${mode}: health on the main port, which the handler never sees`, { timeout: 60_000 }, async () => {
    await using server = await startServer({ entry, args: ['--mode', mode, '--max', '2', '--health', '--socket', 'off'] });
    for (const path of ['/livez', '/readyz']) {
      const { status, headers, body } = await get(`${server.url}${path}`);
      assert.deepEqual([status, body.toString(), headers['x-worker']], [200, 'ok\n', undefined], path);
      const head = await get(`${server.url}${path}`, { method: 'HEAD' });
      assert.deepEqual([head.status, head.body.length], [200, 0]);
      const post = await get(`${server.url}${path}`, { method: 'POST', body: 'x' });
      assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
    }
  });
}

test("without --health these paths are the handler's", { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry, args: ['--socket', 'off'] });
  assert.match((await get(`${server.url}/livez`)).text(), /^\d+$/);
});

test('no request would be taken when the queue is full, or when no worker can boot', { timeout: 120_000 }, async (t) => {
  const told = join(await temporaryFolder(t, {}), 'told');
  await writeFile(told, '');
  await using admin = await startWithAdmin(t, {
    entry,
    args: ['--max', '1', '--queue', '0', '--health'],
    env: { TOLD_FILE: told },
  });
  const { server, socket } = admin;
  const why = async (): Promise<string> => {
    const { status, text } = await askAdmin(socket, '/readyz');
    const onMain = await get(`${server.url}/readyz`);
    assert.deepEqual([onMain.status, onMain.text()], [status, text]);
    return `${status} ${text.trim()}`;
  };
  assert.equal(await why(), '200 ok');
  send(server, '/loop');
  const [pid = 0] = await printed(server, 'looping');
  assert.equal(await why(), '503 all workers are busy, and 0 tasks wait already');
  await writeFile(told, 'load: exit');
  process.kill(pid, 'SIGKILL');
  await until(async () => (await why()) === '503 no worker runs, and new ones fail to boot', {
    describe: 'boots to be given up for now',
    withinMs: 60_000,
  });
});
