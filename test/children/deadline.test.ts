import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get, open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone, isAlive } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { buffer } from 'node:stream/consumers';
import { pidOf, printed } from './watch.ts';

const DEADLINE_MS = 1000;
/** What is promised is 500 ms after the deadline. A machine that runs other tests at the same time gets four times that. */
const LATE_MS = 4 * 500;

const SETS: readonly [name: string, fixture: string, flags: readonly string[]][] = [
  ['config.deadline', 'own-deadline.mjs', []],
  ['--deadline', 'loop.mjs', ['--deadline', '1s']],
  ['--deadline, which wins over config.deadline', 'ten-minutes.mjs', ['--deadline', '1s']],
];

for (const mode of ['fork', 'pool']) {
  describe(`mode ${mode}: at its deadline a task is answered with 504 and its process ends`, () => {
    // Where it comes from is the same in both.
    for (const [name, fixture, flags] of mode === 'pool' ? SETS : SETS.slice(0, 1)) {
      test(`from ${name}`, { timeout: 60_000 }, async () => {
        await using server = await startServer({ entry: handler(fixture), args: ['--mode', mode, ...flags] });
        // The first request of all takes longer.
        await pidOf(server);
        const startedMs = performance.now();
        const response = await get(`${server.url}/loop`);
        const tookMs = performance.now() - startedMs;
        assert.equal(response.status, 504);
        const { code, detail } = Object(response.json());
        assert.deepEqual([code, detail], ['ERR_DEADLINE', 'the task ran longer than its deadline of 1s']);
        assert.ok(tookMs >= DEADLINE_MS && tookMs < DEADLINE_MS + LATE_MS, `it took ${tookMs} ms`);
        const pid = Number(response.headers['x-worker']);
        await gone([pid], LATE_MS);
        const { msg } = await server.waitForLog((line) => line['event'] === 'worker:killing' && line['workerPid'] === pid);
        assert.match(String(msg), /is ended: deadline/);
      });
    }

    test('when it waits, and when half of the answer is out', { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry: handler('own-deadline.mjs'), args: ['--mode', mode] });
      const waiting = await get(`${server.url}/wait`);
      assert.equal(waiting.status, 504);
      const half = await open(`${server.url}/half`);
      assert.equal(half.status, 200);
      // It can not be told any more, so that the connection breaks: half an answer must not look whole.
      await assert.rejects(buffer(half.body), { code: 'ECONNRESET' });
      await gone(
        [waiting, half].map(({ headers }) => Number(headers['x-worker'])),
        LATE_MS,
      );
    });

    test('and other tasks are not touched', { timeout: 60_000 }, async () => {
      await using server = await startServer({
        entry: handler('slow.mjs'),
        args: ['--mode', mode, '--deadline', '2s', '--max', '5', '--queue-timeout', '1m'],
      });
      const late = [1, 2].map(() => get(`${server.url}/slow?ms=600000`));
      await printed(server, 'started', 2);
      const others = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => (await get(`${server.url}/slow?ms=100&body=${index}`)).text()),
      );
      assert.deepEqual(
        others,
        Array.from({ length: 10 }, (_, index) => String(index)),
      );
      const statuses = (await Promise.all(late)).map((response) => response.status);
      assert.deepEqual(statuses, [504, 504]);
    });
  });
}

test('without a deadline of its own that is so short, a task has its time', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('slow.mjs'), args: ['--mode', 'pool', '--deadline', '1m'] });
  const { status, headers } = await get(`${server.url}/slow?ms=1500`);
  assert.equal(status, 200);
  assert.ok(isAlive(Number(headers['x-worker'])));
});
