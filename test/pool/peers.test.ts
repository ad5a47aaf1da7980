/** What the test suites of piscina, workerpool and tinypool check, and no other file here does; see docs/reference/peers.md. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import { createPool, type Pool } from '../../src/pool/create-pool.ts';
import type { Isolation, PoolOptions } from '../../src/pool/pool-options.ts';
import { isAlive } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { fixture, type Functions as Usual } from './pools.ts';
import { told } from './told.ts';

const TIMEOUT = { timeout: 60_000 };

interface Functions extends Usual {
  throwsLater(whileRunning: boolean): Promise<string>;
  exits(code: number): never;
  losesProcess(): Promise<string>;
  keeps(megabytes: number): { pid: number; threadId: number };
  leavesProcess(): number;
  nested(isolation: Isolation, times: number): Promise<{ pid: number; sums: number[] }>;
}

function poolFor(t: TestContext, options: PoolOptions): Pool<Functions> {
  const pool = createPool<Functions>(fixture('functions.mjs'), { max: 1, ...options });
  t.after(() => pool.close({ force: true }));
  return pool;
}

for (const isolation of ['reuse', 'fresh', 'thread'] as const) {
  suite(`as with other pools, isolation ${isolation}`, TIMEOUT, () => {
    test('an exception that nobody catches is told to the call that runs, and the next one has another worker', async (t) => {
      const pool = poolFor(t, { isolation });
      const before = await pool.call.where();
      await assert.rejects(pool.call.throwsLater(true), (error) => {
        const { code, message, cause } = error as Error & { code: string };
        assert.equal(code, 'ERR_WORKER_DIED');
        assert.match(message, /^the worker ended while it ran the task: .*exit code 1/);
        assert.match(String(cause), /RangeError: nobody caught it\n\s+at .*functions\.mjs:\d+:\d+/);
        return true;
      });
      const after = await pool.call.where();
      assert.notDeepEqual([after.pid, after.threadId], [before.pid, before.threadId]);
      await assert.rejects(pool.call.exits(7), { code: 'ERR_WORKER_DIED', message: /exit code 7/ });
      assert.equal(await pool.call.add(1, 1), 2);
    });

    test('one that comes after its call is over spoils no result, and the pool goes on', async (t) => {
      const pool = poolFor(t, { isolation, idempotent: true });
      assert.equal(await pool.call.throwsLater(false), 'returned');
      assert.equal(await pool.call.add(1, 1), 2);
    });

    test('what it puts in the place of `process` is its own business', async (t) => {
      const pool = poolFor(t, { isolation });
      assert.equal(await pool.call.losesProcess(), 'still here');
      assert.equal(await pool.call.add(1, 1), 2);
      await pool.close();
      assert.equal(pool.stats().failed, 0);
    });

    test('a pool within a worker works, and ends with it', async (t) => {
      const pool = poolFor(t, { isolation, deadline: '1h' });
      for (const inner of ['reuse', 'thread'] as const) {
        const { pid, sums } = await pool.call.nested(inner, 5);
        assert.deepEqual(sums, [1, 2, 3, 4, 5]);
        if (inner === 'reuse' && isolation !== 'thread') {
          await pool.close();
          await until(() => !isAlive(pid), { describe: 'the inner worker to end', withinMs: 60_000 });
          return;
        }
      }
    });

    test('a pool that has nothing to do closes, be there a worker or none', async () => {
      for (const options of [{ min: 0 }, { min: 1 }, { min: 0, spares: 0 }]) {
        const pool = createPool<Functions>(fixture('functions.mjs'), { isolation, max: 1, ...options });
        await pool.close();
        assert.equal(pool.stats().workers.alive, 0);
      }
    });

    test('a deadline counts from where a call begins, and not from where it waits', async (t) => {
      const { file } = await told(t);
      const pool = poolFor(t, { isolation, spares: 0 });
      await pool.ready;
      const first = pool.call.until(file('go'));
      await until(() => pool.stats().running === 1, { describe: 'the first call to run', withinMs: 60_000 });
      const second = pool.run('add', [1, 1], { deadline: 1500 });
      // Longer than the second may run.
      await new Promise((resolve) => setTimeout(resolve, 1700));
      writeFileSync(file('go'), 'gone');
      assert.deepEqual(await Promise.all([first, second]), ['gone', 2]);
    });
  });
}

suite('as with other pools,', TIMEOUT, () => {
  // A process has some 60 MB to begin with, and of a thread its heap counts.
  for (const { isolation, maxMemory } of [
    { isolation: 'reuse', maxMemory: '130MB' },
    { isolation: 'thread', maxMemory: '80MB' },
  ] as const)
    test(`a worker that has grown is replaced after its call, isolation ${isolation}`, async (t) => {
      const pool = poolFor(t, { isolation, maxMemory });
      const before = await pool.call.keeps(96);
      const isReplaced = async (): Promise<boolean> => {
        const { pid, threadId } = await pool.call.where();
        return pid !== before.pid || threadId !== before.threadId;
      };
      await until(isReplaced, { describe: 'another worker' });
      await pool.close();
      assert.equal(pool.stats().failed, 0);
    });

  test('what a function starts ends with its worker', async (t) => {
    const pool = poolFor(t, {});
    const left = await pool.call.leavesProcess();
    assert.equal(isAlive(left), true);
    await pool.close();
    await until(() => !isAlive(left), { describe: 'the process to end', withinMs: 60_000 });
  });

  test('a call goes on in the asynchronous context of its caller, and so do its reports and its streams', async (t) => {
    const pool = poolFor(t, { isolation: 'thread' });
    const context = new AsyncLocalStorage<string>();
    await Promise.all(
      ['a', 'b'].map((name) =>
        context.run(name, async () => {
          const seen: unknown[] = [];
          await pool.run('reports', [2], { onReport: () => seen.push(context.getStore()) });
          assert.deepEqual([context.getStore(), seen], [name, [name, name]]);
          await assert.rejects(pool.call.throws('type'));
          assert.equal(context.getStore(), name);
        }),
      ),
    );
  });
});
