import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { ServerExited, startServer, type StartOptions } from '../support/server.ts';
import { until } from '../support/until.ts';
import { pidOf, printed, ready, send, workersOf } from './watch.ts';
import { told } from './told.ts';

/** Starts a server that can not boot, and resolves with what it said. */
async function refused(options: StartOptions): Promise<ServerExited> {
  const outcome = await startServer(options).catch((error: unknown) => error);
  if (outcome instanceof ServerExited) return outcome;
  throw outcome instanceof Error ? outcome : new Error('the server listens, though its handler can not be loaded');
}

const AT_START: readonly [name: string, fixture: string, code: string, words: RegExp][] = [
  ['throws', 'throws-at-load.mjs', 'ERR_HANDLER_LOAD', /RangeError: broken at load/],
  ['exports no handler', 'no-handler.mjs', 'ERR_HANDLER_INVALID', /the default export is a number; expected a default export/],
  ['exports nothing', 'exports-nothing.mjs', 'ERR_HANDLER_INVALID', /the default export is missing; expected .* a program that/],
  ['can not be set up', 'setup-fails.mjs', 'ERR_HANDLER_LOAD', /RangeError: no database/],
  ['takes longer than the boot timeout', 'slow-boot.mjs', 'ERR_BOOT_TIMEOUT', /not ready in time/],
  ['never leaves a loop', 'loops-at-load.mjs', 'ERR_BOOT_TIMEOUT', /not ready in time/],
  ['ends the process', 'exits-at-load.mjs', 'ERR_BOOT_EXIT', /ended while it booted: exit code 7/],
];

/** Why a handler can not be loaded is found by the same code in each mode; how the worker ends with it is not. */
const ENDS = new Set(['throws', 'never leaves a loop', 'ends the process']);

// Mode fork boots its workers as mode pool does.
for (const mode of ['pool', 'thread', 'cluster']) {
  describe(`mode ${mode}: a handler that can not be loaded ends the start with one clear line and code 3`, () => {
    for (const [name, fixture, code, words] of AT_START) {
      if (mode !== 'pool' && !ENDS.has(name)) continue;
      test(name, { timeout: 60_000 }, async () => {
        const late = code === 'ERR_BOOT_TIMEOUT';
        const { exit, stdout, stderr } = await refused({
          entry: handler(fixture),
          args: ['--mode', mode, '--boot-timeout', late ? '2s' : '1m'],
          env: { BOOT_MS: '600000' },
        });
        assert.deepEqual(exit, { code: 3, signal: null });
        assert.equal(stdout, '');
        const lines = stderr.split('\n').filter((line) => line.startsWith('prefork: '));
        assert.equal(lines.length, 1, stderr);
        assert.match(lines[0] ?? '', words);
        assert.ok(lines[0]?.includes(handler(fixture)), `the line names no file: ${lines[0]}`);
        assert.match(lines[0] ?? '', new RegExp(`\\(${code}\\)`));
      });
    }
  });
}

// Most of it is waiting, so that all are run at the same time.
describe('code that breaks while the server runs', { concurrency: 4 }, () => {
  /** A handler that answers with a word, to be written anew. */
  async function writable(t: TestContext): Promise<{ entry: string; write: (code: string) => Promise<void> }> {
    const folder = await mkdtemp(join(tmpdir(), 'rewritten-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const entry = join(folder, 'app.mjs');
    return { entry, write: (code) => writeFile(entry, code) };
  }
  const answering = (word: string): string => `export default () => new Response('${word}');`;
  const BROKEN = 'throw new RangeError("broken meanwhile");';

  for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
    test(`mode ${mode}: is tried again with growing waits, and serves when it is mended`, { timeout: 120_000 }, async (t) => {
      const { entry, write } = await writable(t);
      await write(answering('old'));
      await using server = await startServer({
        entry,
        args: ['--mode', mode, '--min', '1', '--max', '2', '--spares', '1', '--max-requests', '2'],
      });
      const text = async (): Promise<string> => (await get(server.url)).text();
      assert.equal(await text(), 'old');
      await write(BROKEN);
      const failures = () => server.logs().filter((line) => line['event'] === 'worker:boot-failed');
      // Each worker retires after its tasks, and those that follow can not boot.
      for (let times = 0; times < 6; times += 1) send(server, '/');
      await until(() => failures().length >= 2, { describe: 'two failed boots', withinMs: 30_000 });
      assert.match(String(failures()[0]?.['msg']), /did not boot: \S+app\.mjs: RangeError: broken meanwhile/);
      assert.equal(failures()[0]?.['code'], 'ERR_HANDLER_LOAD');
      await write(answering('new'));
      await until(async () => (await text()) === 'new', { describe: 'the mended handler to answer', withinMs: 60_000 });
    });
  }

  for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
    // One pause takes 30 s.
    test(`mode ${mode}: five failures pause the boots, and after the pause one is tried`, { timeout: 180_000 }, async (t) => {
      const { entry, write } = await writable(t);
      await write(answering('old'));
      await using server = await startServer({
        entry,
        args: ['--mode', mode, '--min', '1', '--max', '1', '--spares', '1', '--max-requests', '1'],
      });
      await write(BROKEN);
      assert.equal((await get(server.url)).text(), 'old');
      const { msg, level } = await server.waitForLog((line) => line['event'] === 'boots:paused', 60_000);
      assert.equal(level, 50);
      assert.equal(msg, '5 boots failed in a row: the next one is tried in 30 s, workers that run go on');
      const failures = server.logs().filter((line) => line['event'] === 'worker:boot-failed');
      assert.equal(failures.length, 5);
      assert.ok(failures.every((line) => String(line['msg']).includes('broken meanwhile')));
      const times = failures.map((line) => Number(line['time']));
      const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      [100, 200, 400, 800].forEach((waitMs, index) => assert.ok((waits[index] ?? 0) >= waitMs, `waits of ${waits.join()} ms`));
      if (mode !== 'cluster') {
        const response = await get(server.url);
        assert.equal(response.status, 503);
        assert.match(response.text(), /ERR_NO_WORKER/);
      }
      await write(answering('new'));
      await server.waitForLog((line) => line['event'] === 'boots:resumed', 60_000);
      assert.equal((await get(server.url)).text(), 'new');
    });
  }

  test('old workers go on while boots are paused', { timeout: 120_000 }, async (t) => {
    const orders = await told(t);
    await using server = await startServer({
      entry: handler('as-told.mjs'),
      args: ['--mode', 'pool', '--min', '2', '--max', '2', '--log-level', 'debug'],
      env: orders.env,
    });
    const [victim = 0, old = 0] = await ready(server, 2);
    await orders.tell('load: exit');
    process.kill(victim, 'SIGKILL');
    await server.waitForLog((line) => line['event'] === 'boots:paused', 60_000);
    for (let times = 0; times < 10; times += 1) assert.equal(await pidOf(server), old);
  });
});

test('a worker that has not booted gets no task', { timeout: 60_000 }, async (t) => {
  const orders = await told(t);
  await using server = await startServer({
    entry: handler('as-told.mjs'),
    args: ['--mode', 'pool', '--min', '2', '--max', '2', '--log-level', 'debug'],
    env: orders.env,
  });
  const [victim = 0, old = 0] = await ready(server, 2);
  await orders.tell('load: wait');
  process.kill(victim, 'SIGKILL');
  const [booting = 0] = await printed(server, 'told to wait');
  assert.ok(workersOf(server).some((info) => info.pid === booting));
  const pids = await Promise.all(Array.from({ length: 20 }, () => pidOf(server)));
  assert.deepEqual(new Set(pids), new Set([old]));
  send(server, '/loop');
  await printed(server, 'looping');
  // The only other worker is the one that boots: this one has to wait for it, and is turned away with the server.
  const waiting = get(`${server.url}/ok`).catch(() => undefined);
  server.signal('SIGTERM');
  // Two of the same that come at once are one to the kernel, and the end would wait for the queue.
  await server.waitForLog((line) => line['event'] === 'server:draining');
  server.signal('SIGTERM');
  await waiting;
  assert.ok(!server.logs().some((line) => line['event'] === 'task:failed' && line['workerPid'] === booting));
});
