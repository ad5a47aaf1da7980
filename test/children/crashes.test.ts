import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { get, type FullResponse } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { printed, ready } from './watch.ts';

interface Crash {
  readonly name: string;
  readonly path: string;
  /** What the log says of the end. */
  readonly reason: string;
  /** What has to be done to the worker from outside. */
  readonly strike?: (server: TestServer) => Promise<void>;
}

const CRASHES: readonly Crash[] = [
  { name: 'an exit with code 3', path: '/exits', reason: 'exit code 3' },
  { name: 'an exit with code 0', path: '/exits?code=0', reason: 'exit code 0' },
  { name: 'a segmentation fault', path: '/segfaults', reason: 'signal SIGSEGV' },
  { name: 'a full heap', path: '/fills-heap', reason: 'its JavaScript heap was full' },
  { name: 'an error that nobody catches', path: '/throws-later', reason: 'exit code 1' },
  {
    name: 'a kill from outside',
    path: '/loop',
    reason: 'signal SIGKILL',
    strike: async (server) => {
      const [pid = 0] = await printed(server, 'looping');
      process.kill(pid, 'SIGKILL');
    },
  },
];

/** The worker dies before it has answered: in mode cluster it holds the connection itself, which then breaks. */
async function answerOf(url: string): Promise<FullResponse | 'broken'> {
  return get(url).catch((error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'ECONNRESET', String(error));
    return 'broken';
  });
}

for (const mode of ['fork', 'pool', 'cluster']) {
  describe(`mode ${mode}: a worker that dies in the middle of a task`, () => {
    let server: TestServer;
    before(async () => {
      server = await startServer({
        entry: handler('dies.mjs'),
        args: ['--mode', mode, '--max', '3', '--min', '2', '--log-level', 'debug'],
        // The heap is full soon.
        env: { NODE_OPTIONS: '--max-old-space-size=64' },
      });
    });
    after(() => server[Symbol.asyncDispose]());

    // How a process ended is told by the same code in both modes of the primary.
    const crashes = mode === 'fork' ? CRASHES.filter(({ path }) => path === '/exits' || path === '/loop') : CRASHES;
    for (const { name, path, reason, strike } of crashes) {
      test(`by ${name}`, { timeout: 60_000 }, async () => {
        await ready(server, 2);
        const answer = answerOf(`${server.url}${path}`);
        await strike?.(server);
        const response = await answer;
        if (mode === 'cluster') {
          assert.equal(response, 'broken');
        } else {
          assert.ok(response !== 'broken');
          assert.equal(response.status, 502);
          const { code, detail } = Object(response.json());
          assert.equal(code, 'ERR_WORKER_DIED');
          assert.equal(detail, `the worker ended while it ran the task: ${reason}`);
          const failed = await server.waitForLog(
            ({ event, msg }) => event === 'task:failed' && String(msg).startsWith(`GET ${path}: `),
          );
          assert.equal(String(failed['workerPid']), response.headers['x-worker']);
          assert.ok(String(failed['msg']).endsWith(reason), String(failed['msg']));
        }
        const end = await server.waitForLog((line) => line['event'] === 'worker:gone' && line['reason'] === reason);
        assert.equal(end['level'], 50);
        // The next one is served, and the number of workers is what it was.
        assert.equal((await get(`${server.url}/ok`)).status, 200);
        await ready(server, 2);
      });
    }
  });
}

describe('a worker that dies takes nobody with it', () => {
  for (const mode of ['fork', 'pool']) {
    test(`mode ${mode}`, { timeout: 60_000 }, async () => {
      await using server = await startServer({
        entry: handler('dies-or-answers.mjs'),
        args: ['--mode', mode, '--max', '4', '--queue-timeout', '1m'],
      });
      const answers = await Promise.all(
        Array.from({ length: mode === 'fork' ? 16 : 40 }, async (_, index) => {
          const dies = index % 4 === 0;
          const { status, body } = await get(`${server.url}/${dies ? 'die' : 'answer'}?body=${index}`);
          return dies ? status === 502 : status === 200 && String(body) === String(index);
        }),
      );
      assert.deepEqual(new Set(answers), new Set([true]));
    });
  }
});
