import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get, type FullResponse } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { printed, ready } from './watch.ts';

interface Crash {
  readonly name: string;
  readonly fixture: string;
  readonly path: string;
  /** What the log says of the end. */
  readonly reason: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What has to be done to the worker from outside. */
  readonly strike?: (server: TestServer) => Promise<void>;
}

const CRASHES: readonly Crash[] = [
  { name: 'an exit with code 3', fixture: 'exits.mjs', path: '/', reason: 'exit code 3' },
  { name: 'an exit with code 0', fixture: 'exits.mjs', path: '/?code=0', reason: 'exit code 0' },
  { name: 'a segmentation fault', fixture: 'segfaults.mjs', path: '/', reason: 'signal SIGSEGV' },
  {
    name: 'a full heap',
    fixture: 'out-of-memory.mjs',
    path: '/',
    reason: 'its JavaScript heap was full',
    env: { NODE_OPTIONS: '--max-old-space-size=64' },
  },
  { name: 'an error that nobody catches', fixture: 'throws-later.mjs', path: '/', reason: 'exit code 1' },
  {
    name: 'a kill from outside',
    fixture: 'as-told.mjs',
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
    for (const { name, fixture, path, reason, env = {}, strike } of CRASHES) {
      test(`by ${name}`, { timeout: 60_000 }, async () => {
        await using server = await startServer({
          entry: handler(fixture),
          args: ['--mode', mode, '--max', '3', '--min', '2', '--log-level', 'debug'],
          env,
        });
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
          const failed = await server.waitForLog((line) => line['event'] === 'task:failed');
          assert.equal(String(failed['workerPid']), response.headers['x-worker']);
          assert.match(String(failed['msg']), new RegExp(`^GET ${path.replace('?', '\\?')}: .*${reason}$`));
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
        Array.from({ length: 40 }, async (_, index) => {
          const dies = index % 4 === 0;
          const { status, body } = await get(`${server.url}/${dies ? 'die' : 'answer'}?body=${index}`);
          return dies ? status === 502 : status === 200 && String(body) === String(index);
        }),
      );
      assert.deepEqual(new Set(answers), new Set([true]));
    });
  }
});
