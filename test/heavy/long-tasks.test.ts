import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { isAlive } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const LOOPS = 8;
const SHORT_REQUESTS = 50;
/** On two CPUs a short request gets one of ten shares, and other tests may run: more than this for each of them is a hang. */
const HUNG_MS = 10_000;

test(`${LOOPS} endless loops leave mode pool answering ${SHORT_REQUESTS} short requests in a row, each at once`, async (t) => {
  await using server = await startServer({
    entry: handler('loop.mjs'),
    args: ['--mode', 'pool', '--max', '12', '--deadline', '10m'],
    env: { NODE_V8_COVERAGE: undefined },
  });
  const clients = new AbortController();
  const loops = Array.from({ length: LOOPS }, () => get(`${server.url}/loop`, { signal: clients.signal }));
  for (const loop of loops) loop.catch(() => undefined);

  const workers = () => server.children().filter((info) => info.cmd.endsWith('/worker/entry.cjs'));
  // Beside tasks that run long two spares are kept: when they are there, each loop has a worker and is known to run long.
  await until(() => workers().length === LOOPS + 2, {
    describe: () => `${LOOPS + 2} workers; there are ${workers().length}`,
    withinMs: 30_000,
  });

  const pids = new Set<number>();
  const queuedMs: number[] = [];
  for (let id = 0; id < SHORT_REQUESTS; id += 1) {
    const answer = await get(`${server.url}/${id}`, { signal: AbortSignal.timeout(HUNG_MS) });
    assert.equal(answer.status, 200);
    pids.add(Number(answer.text()));
    queuedMs.push(Number(/queue;dur=([\d.]+)/.exec(String(answer.headers['server-timing']))?.[1]));
  }
  t.diagnostic(`longest wait for a worker: ${Math.max(...queuedMs)} ms`);
  const looping = workers().filter((info) => !pids.has(info.pid));
  assert.ok(looping.length >= LOOPS, `${looping.length} workers run the loops, ${pids.size} others answered`);

  clients.abort();
  // No loop ends by itself: the server ends its process.
  const ended = () => looping.filter((info) => !isAlive(info)).length;
  await until(() => ended() >= LOOPS, {
    describe: () => `${LOOPS} loops to end without clients; ${ended()} have`,
    withinMs: HUNG_MS,
  });
  assert.equal((await get(`${server.url}/after`)).status, 200);
});
