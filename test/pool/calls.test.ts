import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { suite, test } from 'node:test';
import { createPool } from '../../src/pool/create-pool.ts';
import { ISOLATIONS } from '../../src/pool/pool-options.ts';
import { isAlive } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { fixture, type Functions, poolFor } from './pools.ts';
import { told } from './told.ts';

const TIMEOUT = { timeout: 60_000 };

for (const isolation of ISOLATIONS) {
  suite(`a pool with isolation ${isolation}`, TIMEOUT, () => {
    test('calls functions with copies of values, of any size, both ways', async (t) => {
      const pool = poolFor(t, { isolation });
      assert.equal(await pool.call.add(2, 3), 5);
      assert.equal(await pool.call.count(), 0);
      assert.equal(await pool.call.count(1, undefined, 'x'), 3);
      assert.equal(await pool.call.nothing(), undefined);
      const value = { text: 'ä\ud800', list: [1, -0, Number.NaN], map: new Map([['a', new Date(5)]]), buffer: Buffer.from('b') };
      const back = await pool.call.echo(value);
      assert.deepStrictEqual(back, value);
      assert.notEqual(back, value);
      const large = Buffer.alloc(3_000_001, 'large');
      const [returned, text] = (await pool.call.echo([large, 'x'.repeat(700_000)])) as [Buffer, string];
      assert.ok(Buffer.isBuffer(returned) && returned.equals(large));
      assert.equal(text.length, 700_000);
      assert.equal((await pool.call.bytes(2_000_000)).length, 2_000_000);
    });

    test('runs code in a place of its own, with the data that it was given', async (t) => {
      const data = { list: [1, 2], at: new Date(7) };
      const pool = poolFor(t, { isolation, workerData: data, env: { POOL_TEST_MARK: 'seen' } });
      const { pid, threadId } = await pool.call.where();
      assert.equal(pid === process.pid, isolation === 'thread' || isolation === 'inline');
      assert.equal(threadId === 0, isolation !== 'thread');
      const { mark, data: seen, givenToSetup } = await pool.call.surroundings();
      assert.deepEqual([seen, givenToSetup], [data, data]);
      if (isolation !== 'inline') assert.equal(mark, 'seen');
    });

    test('tells what was thrown as it was thrown', async (t) => {
      const pool = poolFor(t, { isolation });
      async function caller(): Promise<void> {
        await pool.call.throws('type');
      }
      await assert.rejects(caller(), (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.stack ?? '', /^TypeError: .*\n\s+at throws .*functions\.mjs:\d+:\d+[^]*at async caller/);
        assert.doesNotMatch(error.stack ?? '', /worker\/call/);
        return true;
      });
      await assert.rejects(pool.call.throws('cause'), (error) => {
        assert.ok(error instanceof Error && error.cause instanceof RangeError);
        assert.deepEqual([error.message, error.cause.message, error.cause.cause], ['outer', 'inner', { why: 'data' }]);
        return true;
      });
      assert.equal(await pool.call.add(1, 1), 2);
    });

    test('reports how far a call is, to its caller alone', async (t) => {
      const pool = poolFor(t, { isolation });
      const seen: unknown[] = [];
      assert.equal(await pool.run('reports', [3], { onReport: (value) => seen.push(value) }), 'done');
      assert.deepEqual(seen, [{ each: 1 }, { each: 2 }, { each: 3 }]);
      assert.equal(await pool.call.reports(2), 'done');
      await assert.rejects(pool.call.reportsTooMuch(), { name: 'PreforkError', code: 'ERR_TOO_LARGE' });
    });

    test('says where a value is that can not cross, before it sends anything, and of a result after', async (t) => {
      const pool = poolFor(t, { isolation });
      await assert.rejects(pool.call.echo({ list: [1, () => {}] }), {
        code: 'ERR_NOT_CLONEABLE',
        message: /^args\[0\]\.list\[1\]: /,
      });
      await assert.rejects(pool.call.bad(), { code: 'ERR_NOT_CLONEABLE', message: /^result\.inner\[0\]: / });
      assert.equal(pool.stats().completed, 0);
    });

    test('gives memory away where it is told to', async (t) => {
      const pool = poolFor(t, { isolation });
      const bytes = new Uint8Array([1, 2, 3]);
      assert.deepEqual(await pool.run('echo', [bytes], { transfer: [bytes.buffer] }), new Uint8Array([1, 2, 3]));
      assert.equal(bytes.length, 0);
      assert.equal((await pool.call.give(100_000)).memory.byteLength, 100_000);
    });

    test('closes when all that it has is done, and takes nothing more', async (t) => {
      const toldAtEnd = (await told(t)).file('ended');
      const pool = poolFor(t, { isolation, workerData: { toldAtEnd } });
      const calls = [1, 2, 3].map(() => pool.call.where());
      await pool.close();
      const last = new Map((await Promise.all(calls)).map(({ pid, threadId, served }) => [`${pid} ${threadId}`, served]));
      // Each worker has ended with `teardown`, which was waited for, and came after its calls; a spare one served none.
      const atEnd = readFileSync(toldAtEnd, 'utf8').trim().split('\n').map(Number);
      const byCount = (one: number, other: number): number => one - other;
      assert.deepEqual(atEnd.filter((served) => served > 0).toSorted(byCount), [...last.values()].toSorted(byCount));
      await assert.rejects(pool.call.add(1, 1), { code: 'ERR_SHUTTING_DOWN' });
      const { completed, failed, workers } = pool.stats();
      assert.deepEqual([completed, failed, workers.alive], [3, 0, 0]);
    });
  });
}

suite('a pool', TIMEOUT, () => {
  test('uses a process again, or a fresh one for each call', async (t) => {
    const reused = poolFor(t, { isolation: 'reuse' });
    assert.deepEqual([(await reused.call.where()).served, (await reused.call.where()).served], [1, 2]);
    const fresh = poolFor(t, { isolation: 'fresh', max: 2 });
    const [one, two] = [await fresh.call.where(), await fresh.call.where()];
    assert.deepEqual([one.served, two.served], [1, 1]);
    assert.notEqual(one.pid, two.pid);
  });

  test('loads TypeScript and CommonJS', async (t) => {
    const primes = createPool<typeof import('../fixtures/pool/primes.ts')>(fixture('primes.ts'), { max: 1 });
    t.after(() => primes.close({ force: true }));
    assert.equal(await primes.call.isPrime(29_355_126_551), true);
    assert.deepEqual(await primes.call.primesIn({ from: 10, to: 20 }), [11, 13, 17, 19]);
    const common = createPool<{ double(n: number): number }>(fixture('exports.cjs'), { max: 1 });
    t.after(() => common.close({ force: true }));
    assert.equal(await common.call.double(4), 8);
  });

  test('has its workers in the folder and with the flags that it was given', async (t) => {
    const pool = poolFor(t, { cwd: tmpdir(), execArgv: ['--max-old-space-size=100'] });
    const { cwd, argv } = await pool.call.surroundings();
    assert.equal(cwd, tmpdir());
    assert.deepEqual(argv, ['--max-old-space-size=100']);
  });

  test('uses as many workers as there are long calls, one for each', async (t) => {
    const { file } = await told(t);
    const pool = poolFor(t, { max: 3, spares: 0 });
    const calls = [1, 2, 3].map((n) => pool.call.until(file(`go-${n}`)));
    await until(() => pool.stats().running === 3, { describe: 'three calls to run at once', withinMs: 60_000 });
    for (const n of [1, 2, 3]) writeFileSync(file(`go-${n}`), String(n));
    assert.deepEqual(await Promise.all(calls), ['1', '2', '3']);
  });

  test('answers a thousand calls, each with its own result', async (t) => {
    const pool = poolFor(t, { max: 2 });
    const results = await Promise.all(Array.from({ length: 1000 }, (_, n) => pool.call.add(n, n)));
    assert.deepEqual(
      results,
      Array.from({ length: 1000 }, (_, n) => 2 * n),
    );
    await pool.drained;
    const { completed, waiting, running, runMs } = pool.stats();
    assert.deepEqual([completed, waiting, running], [1000, 0, 0]);
    assert.ok(runMs.max >= runMs.p50 && runMs.p50 > 0);
  });

  test('publishes how each call ended', async (t) => {
    const pool = poolFor(t, { isolation: 'inline' });
    const seen: unknown[] = [];
    const listener = (event: unknown): void => {
      const { name, end, runMs } = event as { name: string; end: string; runMs: number };
      seen.push([name, end, typeof runMs]);
    };
    subscribe('prefork:call:ended', listener);
    t.after(() => unsubscribe('prefork:call:ended', listener));
    await pool.call.add(1, 1);
    await assert.rejects(pool.call.throws('type'));
    assert.deepEqual(seen, [
      ['add', 'completed', 'number'],
      ['throws', 'failed', 'number'],
    ]);
  });

  test('replaces a worker after the calls that one may serve', async (t) => {
    const pool = poolFor(t, { maxTasks: 1, max: 1, spares: 0 });
    const pids = new Set([(await pool.call.where()).pid, (await pool.call.where()).pid]);
    assert.equal(pids.size, 2);
  });

  test('ends with the block that it belongs to', async () => {
    let pid: number;
    {
      await using pool = createPool<Functions>(fixture('functions.mjs'), { max: 1 });
      pid = await pool.call.pid();
    }
    assert.equal(isAlive(pid), false);
  });
});

test('memory of any size arrives whole both ways, many at a time, whichever way it takes', TIMEOUT, async (t) => {
  const pool = poolFor(t, { max: 2 });
  const sizes = [0, 1, 65_535, 65_537, 1_000_000, 4 * 1024 ** 2, 4 * 1024 ** 2 + 1, 9_000_000];
  const asked = [...sizes, ...sizes, ...sizes].map(async (size, index) => {
    const bytes = Buffer.alloc(size, `${index};`);
    const numbers = Float64Array.from({ length: size >> 3 }, (_, at) => at + index);
    const answer = (await pool.call.echo({ bytes, numbers, name: index })) as { bytes: Buffer; numbers: Float64Array };
    assert.ok(Buffer.isBuffer(answer.bytes) && answer.bytes.equals(bytes), `${size} bytes`);
    assert.deepEqual(answer.numbers, numbers);
  });
  await Promise.all(asked);
});
