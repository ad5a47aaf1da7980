import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { printed, ready, send, workersOf } from './watch.ts';
import { told, type Told } from './told.ts';

/** What is promised is 500 ms. A machine that runs other tests at the same time gets four times that. */
const ORPHANS_LIVE_MS = 4 * 500;

interface Scene {
  readonly name: string;
  /** Brings the workers into the state in which their primary is to die. */
  bring(server: TestServer, orders: Told): Promise<void>;
}

const SCENES: readonly Scene[] = [
  {
    name: 'idle',
    async bring(server) {
      await ready(server, 2);
    },
  },
  {
    name: 'in a tight loop',
    async bring(server) {
      // In mode cluster a connection may be given to a worker that loops already: let there be others, and take turns.
      await ready(server, 2);
      for (let count = 1; count <= 2; count += 1) {
        send(server, '/loop?children');
        await printed(server, 'looping', count);
      }
      await sleepers(server, 4);
    },
  },
  {
    name: 'waiting',
    async bring(server) {
      for (let index = 0; index < 2; index += 1) send(server, '/wait?children');
      await printed(server, 'waiting', 2);
      await sleepers(server, 4);
    },
  },
  {
    name: 'streaming',
    async bring(server) {
      for (let index = 0; index < 2; index += 1) {
        const response = await open(`${server.url}/stream?children`);
        response.body.on('error', () => undefined);
        await once(response.body, 'data');
      }
      await sleepers(server, 4);
    },
  },
  {
    name: 'stopped in the middle of a task',
    async bring(server) {
      for (let index = 0; index < 2; index += 1) send(server, '/wait?children');
      // In mode cluster one worker may have both tasks.
      const busy = new Set(await printed(server, 'waiting', 2));
      for (const pid of busy) process.kill(pid, 'SIGSTOP');
      await until(
        () =>
          workersOf(server)
            .filter((info) => busy.has(info.pid))
            .every((info) => info.state === 'T'),
        {
          describe: 'the workers to be stopped',
        },
      );
      await sleepers(server, 4);
    },
  },
  { name: 'booting, in a tight loop', bring: (server, orders) => bootAnother(server, orders, 'loop') },
  { name: 'booting, and waiting', bring: (server, orders) => bootAnother(server, orders, 'wait') },
  {
    name: 'booting, and stopped',
    async bring(server, orders) {
      await bootAnother(server, orders, 'wait');
      for (const pid of await printed(server, 'told to wait')) process.kill(pid, 'SIGSTOP');
    },
  },
  { name: 'draining, its teardown in a tight loop', bring: (server, orders) => drain(server, orders, 'loop') },
  { name: 'draining, and waiting', bring: (server, orders) => drain(server, orders, 'wait') },
  {
    name: 'draining, its task in a tight loop',
    async bring(server) {
      send(server, '/loop?children');
      await printed(server, 'looping');
      server.signal('SIGTERM');
      await server.waitForLog((line) => line['event'] === 'server:draining');
    },
  },
];

/** The handler's own children are there. */
async function sleepers(server: TestServer, count: number): Promise<void> {
  await until(() => server.children().filter((info) => info.cmd === 'sleep 1010').length === count, {
    describe: () => `${count} children of the handler; there are ${JSON.stringify(server.children())}`,
  });
}

/** Takes a worker away, so that another one has to boot. */
async function bootAnother(server: TestServer, orders: Told, how: 'loop' | 'wait'): Promise<void> {
  await ready(server, 2);
  await orders.tell(`load: ${how}`);
  const [victim] = workersOf(server);
  assert.ok(victim !== undefined);
  process.kill(victim.pid, 'SIGKILL');
  await printed(server, `told to ${how}`);
}

async function drain(server: TestServer, orders: Told, how: 'loop' | 'wait'): Promise<void> {
  await orders.tell(`teardown: ${how}`);
  server.signal('SIGTERM');
  await printed(server, `told to ${how}`);
}

async function killPrimary(t: TestContext, mode: string, scene: Scene): Promise<void> {
  const orders = await told(t);
  await using server = await startServer({
    entry: handler('as-told.mjs'),
    args: ['--mode', mode, '--min', '2', '--max', '4', '--spares', '2', '--log-level', 'debug'],
    env: orders.env,
    // The end of the block below waits for so long, and fails if a process is left.
    goneWithinMs: ORPHANS_LIVE_MS,
  });
  await scene.bring(server, orders);
  assert.ok(workersOf(server).length > 0);
  await server.kill();
}

/** A worker of mode fork is one of mode pool that takes one task; what it is at when its primary dies is not the mode's affair. */
const IN_FORK = new Set(['idle', 'in a tight loop', 'booting, and waiting']);

for (const mode of ['fork', 'pool', 'cluster']) {
  describe(`mode ${mode}: nothing outlives a primary that is killed`, () => {
    for (const scene of SCENES.filter(({ name }) => mode !== 'fork' || IN_FORK.has(name)))
      test(`while its workers are ${scene.name}`, { timeout: 60_000 }, (t) => killPrimary(t, mode, scene));
  });
}
