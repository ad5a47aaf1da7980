import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Incidents, Inspection, ReloadReport, State } from '../../src/admin/api.ts';
import type { Incident } from '../../src/diagnostics/incident.ts';
import type { StackReport } from '../../src/diagnostics/stack-report.ts';
import { computingIn } from '../admin/ask-admin.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { operated, workerAt } from './operate.ts';
import { runCommand, startCommand } from './run-command.ts';

const LOOP = { entry: handler('as-told.mjs'), args: ['--mode', 'pool', '--max', '2', '--spares', '0', '--deadline', '1m'] };

test('ps and status tell what the server does', { timeout: 60_000 }, async (t) => {
  await using it = await operated(t, LOOP);
  void get(`${it.server.url}/loop?a=%1b[31m`).catch(() => null);
  const pid = await workerAt(it, '/loop?a=%1b[31m');
  const ps = await it.run('ps');
  assert.equal(ps.code, 0);
  const [head = '', ...rows] = ps.stdout.trimEnd().split('\n');
  assert.deepEqual(head.split(/\s+/), [
    'PID',
    'ID',
    'MODE',
    'STATE',
    'HEALTH',
    'LANE',
    'RUN',
    'CPU',
    'RSS',
    'DELAY',
    'SERVED',
    'TASK',
  ]);
  const row = rows.find((line) => line.startsWith(`${pid} `));
  assert.match(String(row), /^\d+ +w\d+ +pool +busy +(alive|busy) +(short|long) .* GET \/loop\?a=%1b\[31m$/);
  const state = JSON.parse((await it.run('ps', '--json')).stdout) as State;
  assert.equal(state.server.pid, it.server.pid);

  const status = await it.run('status');
  assert.equal(status.code, 0);
  assert.ok(status.stdout.startsWith(`${it.server.url} serving, mode pool, pid ${it.server.pid}, up `), status.stdout);
  assert.match(status.stdout, /^tasks +1 taken: 0 completed/m);
  assert.deepEqual(Object.keys(JSON.parse((await it.run('status', '--json')).stdout) as object), [
    'server',
    'workers',
    'queue',
    'lanes',
    'totals',
  ]);
});

test('trace names the function that loops, profile records it, and the files are whole', { timeout: 120_000 }, async (t) => {
  await using it = await operated(t, LOOP);
  void get(`${it.server.url}/loop`).catch(() => null);
  const pid = String(await workerAt(it, '/loop'));
  await computingIn(it.socket, pid, 'handle');
  const trace = await it.run('trace', pid);
  assert.equal(trace.code, 0, trace.stderr);
  assert.match(trace.stdout, new RegExp(`^worker ${pid} \\(w\\d+\\): computing in handle \\(.*as-told\\.mjs:\\d+\\)`));
  assert.match(trace.stdout, /^> at handle \(.*as-told\.mjs:\d+:\d+\)$/m);
  const report = JSON.parse((await it.run('trace', pid, '--json')).stdout) as StackReport;
  assert.equal(report.frames[0]?.function, 'handle');

  const folder = await temporaryFolder(t, {});
  const file = join(folder, 'x.cpuprofile');
  const profile = await it.run('profile', pid, '--seconds', '0.5', '-o', file);
  assert.equal(profile.code, 0, profile.stderr);
  const { nodes, samples } = JSON.parse(readFileSync(file, 'utf8')) as {
    nodes: { callFrame: { functionName: string } }[];
    samples: number[];
  };
  assert.ok(samples.length > 0);
  assert.ok(nodes.some(({ callFrame }) => callFrame.functionName === 'handle'));
  const again = await it.run('profile', pid, '--seconds', '0.5', '-o', file);
  assert.deepEqual([again.code, again.stdout], [2, '']);
  assert.match(again.stderr, /^prefork: .*x\.cpuprofile exists already: .*--force \(ERR_BAD_OPTION\)\n$/);
  assert.equal((await it.run('profile', pid, '--seconds', '0.1', '-o', file, '--force')).code, 0);

  const none = join(folder, 'none.heapsnapshot');
  assert.equal((await it.run('heap', '999999', '-o', none)).code, 7);
  assert.equal((await it.run('profile', pid, '--seconds', '0.1', '-o', join(folder, 'no', 'folder'))).code, 8);
  assert.deepEqual(readdirSync(folder), ['x.cpuprofile']);
});

test('heap writes a snapshot', { timeout: 120_000 }, async (t) => {
  await using it = await operated(t, LOOP);
  const { workers } = await it.state();
  const folder = await temporaryFolder(t, {});
  const file = join(folder, 'x.heapsnapshot');
  const heap = await it.run('heap', `w${workers[0]?.id}`, '-o', file);
  assert.equal(heap.code, 0, heap.stderr);
  const snapshot = JSON.parse(readFileSync(file, 'utf8')) as { snapshot: { node_count: number }; nodes: number[] };
  assert.ok(snapshot.snapshot.node_count > 1000 && snapshot.nodes.length > snapshot.snapshot.node_count);
  assert.deepEqual(readdirSync(folder), ['x.heapsnapshot']);
});

test('inspect opens a debugger on a loop, and closes it on Ctrl-C', { timeout: 120_000 }, async (t) => {
  await using it = await operated(t, LOOP);
  void get(`${it.server.url}/loop`).catch(() => null);
  const pid = await workerAt(it, '/loop');
  const child = startCommand(['inspect', String(pid), '--json', '--socket', it.socket]);
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const { webSocketUrl } = await until(() => (output.includes('}') ? (JSON.parse(output) as Inspection) : null), {
    describe: () => `an inspector; stdout has ${output}`,
    withinMs: 30_000,
  });
  const port = Number(new URL(webSocketUrl).port);
  const targets = JSON.parse(await text(port, '/json/list')) as { webSocketDebuggerUrl: string }[];
  assert.equal(targets[0]?.webSocketDebuggerUrl, webSocketUrl);
  child.kill('SIGINT');
  await ended;
  await until(
    async () =>
      text(port, '/json/list').then(
        () => false,
        () => true,
      ),
    { describe: 'the port to be closed', withinMs: 30_000 },
  );
  assert.ok((await it.state()).workers.some((worker) => worker.pid === pid && worker.task !== null));
});

test('inspect --hold-deadline gives a person time, and takes none from the task', { timeout: 120_000 }, async (t) => {
  await using it = await operated(t, { ...LOOP, args: [...LOOP.args, '--deadline', '4s'] });
  const answer = get(`${it.server.url}/wait`);
  const pid = await workerAt(it, '/wait');
  const child = startCommand(['inspect', String(pid), '--hold-deadline', '--socket', it.socket]);
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  await until(async () => ((await it.state()).workers.find((worker) => worker.pid === pid)?.task?.runMs ?? 0) > 6000, {
    describe: 'the task to outlive its deadline by half',
    withinMs: 60_000,
  });
  child.kill('SIGINT');
  await ended;
  assert.equal((await answer).status, 504);
});

test('kill, recycle and scale change the workers', { timeout: 120_000 }, async (t) => {
  await using it = await operated(t, { ...LOOP, args: [...LOOP.args, '--min', '2', '--max', '3'] });
  const answer = get(`${it.server.url}/loop`);
  const pid = await workerAt(it, '/loop');
  const killed = await it.run('kill', String(pid));
  assert.deepEqual([killed.code, killed.stderr], [0, '']);
  assert.equal((await answer).status, 502);

  const before = await until(async () => (await it.state()).workers.find(({ state }) => state === 'idle'), {
    describe: 'a worker that is idle',
    withinMs: 30_000,
  });
  assert.equal((await it.run('recycle', `w${before.id}`)).code, 0);
  await until(async () => !(await it.state()).workers.some(({ id }) => id === before.id), {
    describe: 'the worker to be replaced',
    withinMs: 30_000,
  });

  assert.equal((await it.run('scale', '3')).code, 0);
  await until(async () => (await it.state()).workers.filter(({ state }) => state === 'idle').length === 3, {
    describe: 'three workers',
    withinMs: 30_000,
  });
});

test('reload loads new code, says so when it is broken, and stop ends the server', { timeout: 120_000 }, async (t) => {
  const folder = await temporaryFolder(t, { 'app.mjs': 'export default () => new Response("one");' });
  const entry = join(folder, 'app.mjs');
  await using it = await operated(t, { entry, args: ['--max', '2'] });
  assert.equal((await get(it.server.url)).text(), 'one');
  writeFileSync(entry, 'export default () => new Response("two");');
  const report = await it.run('reload', '--json');
  assert.equal(report.code, 0, report.stderr);
  assert.equal((JSON.parse(report.stdout) as ReloadReport).generation, 2);
  assert.equal((await get(it.server.url)).text(), 'two');
  writeFileSync(entry, 'export default () => new Response("three"');
  const broken = await it.run('reload');
  assert.deepEqual([broken.code, broken.stdout], [8, '']);
  assert.match(
    broken.stderr,
    /^prefork: the new code does not boot, and the old one serves on: .*app\.mjs:1:\d+: .*\(ERR_RELOAD\)\n$/,
  );
  assert.equal((await get(it.server.url)).text(), 'two');
  assert.equal((await it.run('stop')).code, 0);
  assert.deepEqual(await it.server.exited(), { code: 0, signal: null });
  assert.equal((await it.run('ps')).code, 6);
});

test('incidents lists causes with counts, and shows one in full', { timeout: 120_000 }, async (t) => {
  await using it = await operated(t, { entry: handler('exits.mjs'), args: ['--max', '2'] });
  assert.equal((await it.run('incidents')).stdout, 'no incident so far\n');
  const ids: string[] = [];
  for (let times = 0; times < 3; times += 1) ids.push(((await get(it.server.url)).json() as { incident: string }).incident);
  const list = await it.run('incidents');
  assert.match(
    list.stdout,
    new RegExp(`^ +3 .* ago +crash +${ids[2]} +GET / lost its worker: its worker ended: exit code 3$`, 'm'),
  );
  const { groups, incidents } = JSON.parse((await it.run('incidents', '--json')).stdout) as Incidents;
  assert.deepEqual([groups[0]?.count, incidents.length], [3, 3]);
  const one = await it.run('incidents', String(ids[0]));
  assert.match(one.stdout, /^end +its worker ended: exit code 3 /m);
  assert.equal((JSON.parse((await it.run('incidents', String(ids[0]), '--json')).stdout) as Incident).id, ids[0]);
  assert.equal((await it.run('incidents', 'abcdefghijkl')).code, 8);
  assert.equal((await it.run('incidents', 'ABC')).code, 2);
});

test('a wrong pid, a wrong number and a mode without workers each get a clear line', { timeout: 120_000 }, async (t) => {
  await using it = await operated(t, LOOP);
  for (const command of ['trace', 'profile', 'heap', 'inspect', 'kill', 'recycle']) {
    const unknown = await it.run(command, '999999');
    assert.deepEqual([command, unknown.code, unknown.stdout], [command, 7, '']);
    assert.match(unknown.stderr, /^(recording for 5 s\n)?prefork: .*999999.*\(ERR_NO_SUCH_WORKER\)\n$/);
    const wrong = await it.run(command, 'x');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^prefork: pid: found "x", expected a pid such as 4711, .*\(ERR_BAD_OPTION\)\n$/);
  }
  for (const count of ['0', 'x', '1.5']) assert.equal((await it.run('scale', count)).code, 2);
  await using blocking = await operated(t, { entry: handler('tiny.mjs'), args: ['--mode', 'blocking'] });
  for (const words of [['scale', '2'], ['reload'], ['kill', '1']]) assert.equal((await blocking.run(...words)).code, 8);
  assert.equal((await blocking.run('ps')).code, 0);
});

test('a server is found by itself, by its port, or not at all', { timeout: 120_000 }, async (t) => {
  const runtime = await temporaryFolder(t, {});
  const env = { XDG_RUNTIME_DIR: runtime };
  const none = await runCommand(['ps'], env);
  assert.deepEqual([none.code, none.stdout], [6, '']);
  assert.match(none.stderr, /^prefork: no server of yours runs here; start one with prefork serve, .*\(ERR_NO_SERVER\)\n$/);

  await using first = await startServer({ entry: handler('tiny.mjs'), env });
  assert.equal((JSON.parse((await runCommand(['ps', '--json'], env)).stdout) as State).server.pid, first.pid);
  await using second = await startServer({ entry: handler('echo.mjs'), env });
  const several = await runCommand(['status'], env);
  assert.equal(several.code, 6);
  for (const server of [first, second]) assert.ok(several.stderr.includes(`pid ${server.pid} on ${server.url}`), several.stderr);
  const chosen = await runCommand(['ps', '--json', '--port', String(second.port)], env);
  assert.equal((JSON.parse(chosen.stdout) as State).server.pid, second.pid);
  assert.equal((await runCommand(['ps', '--port', '1'], env)).code, 6);

  // What a killed server leaves is no server.
  await first.kill();
  assert.equal((JSON.parse((await runCommand(['ps', '--json'], env)).stdout) as State).server.pid, second.pid);
  assert.equal((await runCommand(['ps', '--socket', join(runtime, 'no.sock')], env)).code, 6);
});

test('over TCP the token is taken from the address that the server printed', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('tiny.mjs'), args: ['--admin-port', '0', '--socket', 'off'] });
  const [, url = ''] = await server.waitForStdout(/^admin on (\S+)$/);
  assert.equal((await runCommand(['ps', '--url', url])).code, 0);
  assert.equal((await runCommand(['scale', '2', '--url', url])).code, 0);
  const bare = url.replace(/#.*/, '');
  assert.equal((await runCommand(['ps', '--url', bare])).code, 0);
  const refused = await runCommand(['scale', '2', '--url', bare]);
  assert.equal(refused.code, 8);
  assert.match(refused.stderr, /token/);
  assert.equal((await runCommand(['scale', '2', '--url', bare], { PREFORK_TOKEN: url.replace(/.*token=/, '') })).code, 0);
  assert.equal((await runCommand(['ps', '--url', 'x'])).code, 2);
});

test('a folder of sockets that belongs to somebody else is not trusted', { timeout: 60_000 }, async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip('only root can give a folder away');
    return;
  }
  const runtime = await temporaryFolder(t, {});
  const folder = join(runtime, 'prefork-0');
  mkdirSync(folder);
  const { chownSync } = await import('node:fs');
  chownSync(folder, 12_345, 12_345);
  const result = await runCommand(['ps'], { XDG_RUNTIME_DIR: runtime });
  assert.equal(result.code, 6);
  assert.match(result.stderr, /belongs to another user/);
  assert.ok(existsSync(folder));
});

function text(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    httpGet({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.on('data', (bytes: Buffer) => (body += bytes.toString()));
      response.once('end', () => resolve(body));
    }).once('error', reject);
  });
}
