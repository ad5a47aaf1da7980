import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../src/admin/api.ts';
import { get, open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { type AdminOf, startWithAdmin } from './admin-of.ts';
import { stateOf } from './ask-admin.ts';

type Expected = Readonly<Record<'completed' | 'failed' | 'crashed' | 'timedOut' | 'cancelled' | 'rejected', number>>;

/** Five that succeed, four that fail in the handler, two that end their worker, one that never ends, one whose client leaves. */
async function mixedLoad(admin: AdminOf): Promise<Expected> {
  const { url } = admin.server;
  for (let count = 0; count < 5; count += 1) assert.equal((await get(`${url}/`)).status, 200);
  for (const path of ['/throws', '/rejects', '/throws-text']) assert.equal((await get(`${url}${path}`)).status, 500);
  await assert.rejects(get(`${url}/throws-in-the-middle`));
  for (let count = 0; count < 2; count += 1) await crash(admin);
  assert.equal((await untilServed(url, '/never')).status, 504);
  const half = await untilOpened(url, '/half-and-never');
  half.abort();
  return { completed: 5, failed: 4, crashed: 2, timedOut: 1, cancelled: 1, rejected: 0 };
}

/**
 * In mode cluster the connection ends with the worker, and nobody may listen until there is another one. One that reached a worker in its last moments is
 * reset too, and was no task: then once more.
 */
async function crash({ server: { url }, socket }: AdminOf): Promise<void> {
  const crashed = async (): Promise<number> => (await stateOf(socket)).totals.crashed;
  const outcome = (): Promise<string> =>
    get(`${url}/exits`).then(
      ({ status }) => String(status),
      (error: unknown) => String(Object(error).code),
    );
  const before = await crashed();
  for (let tries = 1; ; tries += 1) {
    assert.ok(tries <= 3, 'no worker ends');
    await until(async () => (await outcome()) !== 'ECONNREFUSED', { describe: 'a worker to end', withinMs: 30_000 });
    const isCounted = until(async () => (await crashed()) > before, { describe: 'it to be counted', withinMs: 10_000 });
    if (await isCounted.catch(() => false)) return;
  }
}

/** While the only worker of a cluster is replaced, nobody may listen. */
function untilServed(url: string, path: string): Promise<{ readonly status: number }> {
  return until(() => get(`${url}${path}`), { describe: `an answer to ${path}`, withinMs: 30_000 });
}

function untilOpened(url: string, path: string): ReturnType<typeof open> {
  return until(() => open(`${url}${path}`), { describe: `the head of an answer to ${path}`, withinMs: 30_000 });
}

async function settled(socket: string, admitted: number): Promise<State> {
  let last: State | undefined;
  return until(
    async () => {
      last = await stateOf(socket);
      const { admitted: taken, incidents: _, ...ends } = last.totals;
      return taken === admitted && Object.values(ends).reduce((sum, count) => sum + count, 0) === admitted && last;
    },
    { describe: () => `${admitted} tasks to be over; the totals are ${JSON.stringify(last?.totals)}`, withinMs: 30_000 },
  );
}

function assertTotals({ totals }: State, expected: Expected): void {
  const admitted = Object.values(expected).reduce((sum, count) => sum + count, 0);
  const { incidents, ...ends } = totals;
  assert.deepEqual(ends, { admitted, ...expected });
  assert.equal(incidents > 0, expected.timedOut + expected.crashed > 0, `${incidents} incidents`);
}

for (const mode of ['fork', 'pool', 'thread', 'cluster']) {
  test(`mode ${mode}: each task that was taken ends as exactly one thing`, { timeout: 120_000 }, async (t) => {
    await using admin = await startWithAdmin(t, {
      entry: handler('failures.mjs'),
      args: ['--mode', mode, '--max', '2', '--deadline', '3s', '--log-level', 'silent'],
    });
    const expected = await mixedLoad(admin);
    const state = await settled(admin.socket, 13);
    assertTotals(state, expected);
    // What each worker says of itself fits, as far as it is still there.
    const served = state.workers.reduce((sum, worker) => sum + worker.served, 0);
    assert.ok(served <= 13, `${served} tasks were served by the workers that are left`);
  });
}

test('mode blocking: the primary is the worker, and counts all the same', { timeout: 60_000 }, async (t) => {
  await using admin = await startWithAdmin(t, {
    entry: handler('failures.mjs'),
    args: ['--mode', 'blocking', '--deadline', '3s', '--log-level', 'silent'],
  });
  const { url } = admin.server;
  for (let count = 0; count < 5; count += 1) await get(`${url}/`);
  for (const path of ['/throws', '/rejects']) await get(`${url}${path}`);
  assert.equal((await get(`${url}/never`)).status, 504);
  (await open(`${url}/half-and-never`)).abort();
  const state = await settled(admin.socket, 9);
  assertTotals(state, { completed: 5, failed: 2, crashed: 0, timedOut: 1, cancelled: 1, rejected: 0 });
  assert.deepEqual([state.workers, state.server.mode], [[], 'blocking']);
});

test('what the queue has no room for is rejected, and so is what waits for too long', { timeout: 60_000 }, async (t) => {
  await using admin = await startWithAdmin(t, {
    entry: handler('failures.mjs'),
    args: ['--max', '1', '--queue', '1', '--queue-timeout', '2s', '--log-level', 'silent'],
  });
  const { url } = admin.server;
  const holds = await open(`${url}/half-and-never`);
  const waits = get(`${url}/`);
  await until(async () => (await stateOf(admin.socket)).queue.depth === 1, { describe: 'one task to wait' });
  assert.equal((await get(`${url}/`)).status, 503);
  assert.equal((await waits).status, 503);
  holds.abort();
  assertTotals(await settled(admin.socket, 3), { completed: 0, failed: 0, crashed: 0, timedOut: 0, cancelled: 1, rejected: 2 });
});

test('a body that is too large is the doing of its client', { timeout: 60_000 }, async (t) => {
  await using admin = await startWithAdmin(t, {
    entry: handler('failures.mjs'),
    args: ['--max-body', '1KB', '--log-level', 'silent'],
  });
  const { url } = admin.server;
  // One that says how large it is, is not taken at all.
  assert.equal((await get(`${url}/`, { method: 'POST', body: 'x'.repeat(2000) })).status, 413);
  const chunked = { 'transfer-encoding': 'chunked' };
  assert.equal((await get(`${url}/never`, { method: 'POST', body: 'x'.repeat(2000), headers: chunked })).status, 413);
  assertTotals(await settled(admin.socket, 1), { completed: 0, failed: 0, crashed: 0, timedOut: 0, cancelled: 1, rejected: 0 });
});
