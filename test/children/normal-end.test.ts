import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { pidOf, printed, send } from './watch.ts';

/** How long what a worker started may outlive it; more counts as for ever. */
const CHILDREN_LIVE_MS = 5000;

const sleepers = (server: TestServer): number[] =>
  server
    .children()
    .filter((info) => info.cmd === 'sleep 1010')
    .map((info) => info.pid);

for (const mode of ['fork', 'pool', 'cluster']) {
  describe(`mode ${mode}: what a handler started ends with its worker, in a session of its own too`, () => {
    const args = ['--mode', mode, '--min', '1', '--max', '2', '--spares', '1'];
    const entry = handler('as-told.mjs');

    test('when the server ends', { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry, args });
      await pidOf(server, '/ok?children');
      // In mode fork they are on their way out already.
      if (mode !== 'fork') await until(() => sleepers(server).length === 2, { describe: 'two children' });
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
      await until(() => server.children().length === 0, {
        describe: () => `nothing to be left; there is ${JSON.stringify(server.children())}`,
        withinMs: CHILDREN_LIVE_MS,
      });
    });

    test('when the worker is ended at its deadline', { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry, args: [...args, '--deadline', '2s'] });
      const answer = get(`${server.url}/loop?children`);
      await printed(server, 'looping');
      const left = await until(() => (sleepers(server).length === 2 ? sleepers(server) : null), { describe: 'two children' });
      assert.ok(
        [502, 504].includes(
          await answer.then(
            (response) => response.status,
            () => 502,
          ),
        ),
      );
      await gone(left, CHILDREN_LIVE_MS);
    });

    test('when its watchdog is kept from doing anything', { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry: handler('keeps-itself-stopped.mjs'), args: [...args, '--deadline', '1s'] });
      const answer = get(server.url).catch(() => null);
      const keeper = await server.waitForChild((info) => info.cmd.includes('keeper'));
      await gone([keeper.pid], 10 * CHILDREN_LIVE_MS);
      const status = (await answer)?.status;
      assert.ok(status === undefined ? mode === 'cluster' : [502, 504].includes(status), `status ${status}`);
    });

    test('when the worker is killed, but for those that left its group', { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry, args });
      send(server, '/wait?children');
      const [pid = 0] = await printed(server, 'waiting');
      await until(() => sleepers(server).length === 2, { describe: 'two children' });
      const own = server.children().filter((info) => info.cmd === 'sleep 1010' && info.pgid === pid);
      // node:cluster starts its workers in the group of the primary, which must not be signalled.
      assert.equal(own.length, mode === 'cluster' ? 0 : 1);
      process.kill(pid, 'SIGKILL');
      await gone(own, CHILDREN_LIVE_MS);
      // The rest is ours to take away: nobody can tell any more whose children they were.
      for (const left of sleepers(server)) process.kill(left, 'SIGKILL');
    });
  });
}
