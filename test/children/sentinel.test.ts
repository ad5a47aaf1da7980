import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { handler } from '../support/paths.ts';
import type { ProcessInfo } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { pidOf, printed, send, workersOf } from './watch.ts';

/** What is promised is 500 ms. A machine that runs other tests at the same time gets four times that. */
const ORPHANS_LIVE_MS = 4 * 500;

function isSentinel(info: ProcessInfo): boolean {
  return info.cmd.includes('prefork-sentinel');
}

async function anotherSentinel(server: TestServer, than: number): Promise<ProcessInfo> {
  return server.waitForChild((info) => isSentinel(info) && info.pid !== than);
}

/** Takes away what a worker could do by itself, so that only the sentinel is left to end it. */
async function stopWorkers(server: TestServer): Promise<void> {
  for (const worker of workersOf(server)) process.kill(worker.pid, 'SIGSTOP');
  await until(() => workersOf(server).every((worker) => worker.state === 'T'), { describe: 'every worker to be stopped' });
}

for (const mode of ['fork', 'pool', 'cluster']) {
  test(`mode ${mode}: a sentinel that was killed is replaced, and the new one does its work`, { timeout: 60_000 }, async () => {
    await using server = await startServer({
      entry: handler('as-told.mjs'),
      args: ['--mode', mode, '--min', '2', '--max', '2'],
      goneWithinMs: ORPHANS_LIVE_MS,
    });
    const first = await server.waitForChild(isSentinel);
    send(server, '/wait?children');
    await printed(server, 'waiting');
    process.kill(first.pid, 'SIGKILL');
    await anotherSentinel(server, first.pid);
    // It knows its workers when the primary has come to the end of the turn in which it started it: until then the primary wants a CPU.
    await until(() => /\) S /.test(readFileSync(`/proc/${server.pid}/stat`, 'latin1')), { describe: 'the primary to rest' });
    await stopWorkers(server);
    await server.kill();
  });
}

test('without a sentinel, which is killed again and again, the server says so and goes on', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('as-told.mjs'), args: ['--mode', 'pool'] });
  let last = 0;
  for (let times = 0; times < 3; times += 1) {
    const { pid } = await anotherSentinel(server, last);
    process.kill(pid, 'SIGKILL');
    last = pid;
  }
  const { msg } = await server.waitForLog((line) => line['event'] === 'server:notice');
  assert.match(String(msg), /no shell to watch over the workers/);
  assert.ok((await pidOf(server)) > 0);
  // Their watchdogs are left, and the end of the block sees to it that they do their part.
  await server.kill();
});
