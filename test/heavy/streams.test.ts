import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { get, open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { checksumOf, checksumOfStream, payload } from './payload.ts';
import { memoryGrowth, type Growth } from './peak-memory.ts';
import { standsStill } from './stands-still.ts';

const MB = 1024 ** 2;
const SIZE_MB = 200;
/** Where the same code carries it: still more than may be held, and more than may be under way. */
const LESS_MB = 100;
/** What a process may hold above what it had when idle. */
const LIMIT_BYTES = 64 * MB;
/** What may be under way to somebody who does not read: the windows, and the socket buffers of the kernel on both ends. */
const UNDER_WAY_MB = 32;

function start(
  mode: string,
  { workers = 1, env = {} }: { workers?: number; env?: Record<string, string> } = {},
): Promise<TestServer> {
  const own = mode === 'fork' ? ['--min', '0', '--spares', '1'] : ['--min', String(workers), '--spares', '0'];
  const limits = ['--max', String(workers), '--max-body', '1GB', '--deadline', '10m', '--queue-timeout', '1m'];
  return startServer({
    entry: handler('transfer.mjs'),
    args: ['--mode', mode, ...own, ...limits],
    // Coverage would be memory of the processes that are measured here.
    env: { ...env, NODE_V8_COVERAGE: undefined },
  });
}

/** The pids of the workers, once there are so many. */
async function workersOf(server: TestServer, count: number): Promise<number[]> {
  const pids = () =>
    server
      .children()
      .filter((info) => info.cmd.endsWith('/worker/entry.cjs'))
      .map((info) => info.pid);
  await until(() => pids().length === count, { describe: () => `${count} workers; there are ${pids().join(', ')}` });
  return pids();
}

function assertFlat(t: TestContext, growth: Growth, limitBytes = LIMIT_BYTES): void {
  const megabytes = [...growth].map(([pid, bytes]) => `${pid} by ${Math.round(bytes / MB)} MB`).join(', ');
  t.diagnostic(`memory grew: ${megabytes}`);
  for (const bytes of growth.values()) assert.ok(bytes < limitBytes, `more than ${limitBytes / MB} MB: ${megabytes}`);
}

async function upload(server: TestServer, sizeMb: number): Promise<void> {
  const response = await get(`${server.url}/up`, { method: 'POST', body: payload(sizeMb) });
  assert.equal(response.status, 200, response.text());
  assert.equal(response.text(), checksumOf(sizeMb));
}

async function download(server: TestServer, sizeMb: number): Promise<void> {
  const response = await open(`${server.url}/down?mb=${sizeMb}`);
  assert.equal(response.status, 200);
  assert.equal(await checksumOfStream(response.body), checksumOf(sizeMb));
}

const printed = (server: TestServer, text: string) => server.logs().filter((line) => line['msg'] === text).length;

const madeMb = (server: TestServer) =>
  server.logs().reduce((most, line) => Math.max(most, Number(/^made (\d+)$/.exec(String(line['msg']))?.[1] ?? 0)), 0);

for (const [mode, sizeMb] of [['pool', SIZE_MB] as const, ['fork', LESS_MB] as const]) {
  for (const [direction, transfer] of [['up', upload] as const, ['down', download] as const]) {
    test(`mode ${mode}: ${sizeMb} MB ${direction} leave primary and worker within 64 MB of their idle memory`, async (t) => {
      await using server = await start(mode);
      // A worker that has served has paid for what the first request loads; in mode fork each serves its first one.
      if (mode !== 'fork') await get(server.url);
      assertFlat(t, await memoryGrowth([server.pid, ...(await workersOf(server, 1))], () => transfer(server, sizeMb)));
    });
  }
}

test('mode thread: 200 MB up and 200 MB down leave the process within twice 64 MB, for it is both primary and worker', async (t) => {
  await using server = await start('thread');
  await get(server.url);
  const growth = await memoryGrowth([server.pid], async () => {
    await upload(server, SIZE_MB);
    await download(server, SIZE_MB);
  });
  assertFlat(t, growth, 2 * LIMIT_BYTES);
});

test('a client that stops to read stops the worker, holds no memory, and gets the rest when it reads on', async (t) => {
  await using server = await start('pool');
  await get(server.url);
  const pids = [server.pid, ...(await workersOf(server, 1))];
  const growth = await memoryGrowth(pids, async () => {
    const response = await open(`${server.url}/down?mb=${LESS_MB}`);
    const made = await standsStill(() => madeMb(server), 'the number of megabytes made');
    assert.ok(made <= UNDER_WAY_MB, `the worker made ${made} MB for a client that does not read`);
    assert.equal(await checksumOfStream(response.body), checksumOf(LESS_MB));
    await until(() => madeMb(server) === LESS_MB, { describe: 'the line of the last megabyte' });
  });
  assertFlat(t, growth);
});

test('a handler that does not read stops the client, holds no memory, and gets the rest when it reads on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-'));
  t.after(() => rm(folder, { recursive: true }));
  const go = join(folder, 'go');
  await using server = await start('pool', { env: { TRANSFER_GO: go } });
  await get(server.url);
  const pids = [server.pid, ...(await workersOf(server, 1))];
  const growth = await memoryGrowth(pids, async () => {
    let sentBytes = 0;
    const body = payload(LESS_MB).on('data', (chunk: Buffer) => (sentBytes += chunk.length));
    const answer = get(`${server.url}/up?lazy`, { method: 'POST', body });
    await until(() => printed(server, 'up') === 1, { describe: 'the handler to be called' });
    const takenMb = (await standsStill(() => sentBytes, 'the number of bytes sent')) / MB;
    assert.ok(takenMb <= UNDER_WAY_MB, `${takenMb} MB were taken for a handler that does not read`);
    await writeFile(go, '');
    assert.equal((await answer).text(), checksumOf(LESS_MB));
  });
  assertFlat(t, growth);
});

test('clients that stop in the middle of their bodies hold no memory, and each is answered when it goes on', async (t) => {
  const clients = 4;
  await using server = await start('pool', { workers: clients });
  const pids = [server.pid, ...(await workersOf(server, clients))];
  // Only together do they reach every worker; each then has paid for what the first request loads.
  await uploadInTwoParts(server, clients, [1, 2]);
  assertFlat(t, await memoryGrowth(pids, () => uploadInTwoParts(server, clients, [24, 48])));
});

/** Uploads at the same time; the second parts are sent when every handler was called. */
async function uploadInTwoParts(server: TestServer, clients: number, [pauseMb, endMb]: readonly [number, number]): Promise<void> {
  const calledBefore = printed(server, 'up');
  let goOn: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  async function* inTwoParts(): AsyncGenerator<Buffer> {
    yield* payload(pauseMb);
    await gate;
    yield* payload(endMb, pauseMb);
  }
  const answers = Array.from({ length: clients }, () =>
    get(`${server.url}/up`, { method: 'POST', body: Readable.from(inTwoParts()) }),
  );
  await until(() => printed(server, 'up') === calledBefore + clients, { describe: 'every handler to be called' });
  goOn?.();
  const expected = checksumOf(endMb);
  for (const answer of await Promise.all(answers)) assert.equal(answer.text(), expected);
}
