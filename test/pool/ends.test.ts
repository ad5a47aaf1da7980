import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { createPool } from '../../src/pool/create-pool.ts';
import { isAlive } from '../support/processes.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { fixture, poolFor } from './pools.ts';
import { told, untilHeard } from './told.ts';

const TIMEOUT = { timeout: 60_000 };

for (const isolation of ['reuse', 'fresh', 'thread'] as const) {
  suite(`with isolation ${isolation}`, TIMEOUT, () => {
    test('a signal ends a tight loop, and no other call', async (t) => {
      const { file, written } = await told(t);
      const pool = poolFor(t, { isolation, max: 2, min: 2 });
      const abort = new AbortController();
      const looping = pool.run('loop', [file('looping')], { signal: abort.signal });
      const other = pool.call.until(file('go'));
      await written('looping');
      await until(() => pool.stats().running === 2, { describe: 'both calls to run', withinMs: 60_000 });
      // These wait behind the loop, or beside it.
      const later = [1, 2, 3].map((n) => pool.call.add(n, n));
      const reason = new Error('changed my mind');
      abort.abort(reason);
      await assert.rejects(looping, (error) => error === reason);
      writeFileSync(file('go'), 'gone');
      assert.equal(await other, 'gone');
      assert.deepEqual(await Promise.all(later), [2, 4, 6]);
      if (isolation !== 'thread') {
        const pid = Number(readFileSync(file('looping'), 'utf8'));
        await until(() => !isAlive(pid), { describe: 'the worker of the loop to end', withinMs: 60_000 });
      }
      await until(() => pool.stats().cancelled === 1, { describe: 'the call to be counted', withinMs: 60_000 });
    });

    test('a deadline ends a tight loop', async (t) => {
      const { file } = await told(t);
      const pool = poolFor(t, { isolation, deadline: '1h' });
      await pool.ready;
      await assert.rejects(pool.run('loop', [file('looping')], { deadline: 200 }), {
        name: 'PreforkError',
        code: 'ERR_DEADLINE',
        message: 'the task ran longer than its deadline of 200ms',
      });
      assert.equal(await pool.call.add(1, 1), 2);
    });

    test('by force all calls are rejected, and the workers end', async (t) => {
      const { file, written } = await told(t);
      const pool = poolFor(t, { isolation });
      const looping = pool.call.loop(file('looping'));
      await written('looping');
      // Before, a thread that has to wait for a CPU for as long as a quantum would have had the loop taken back, and would run this one first.
      const outcomes = Promise.allSettled([looping, pool.call.add(1, 1)]);
      await pool.close({ force: true });
      for (const outcome of await outcomes) {
        assert.equal(outcome.status, 'rejected');
        assert.equal((outcome.reason as { code: string }).code, 'ERR_SHUTTING_DOWN');
      }
      assert.equal(pool.stats().workers.alive, 0);
    });
  });
}

suite('a call', TIMEOUT, () => {
  test('hears of a signal, and its worker serves on when it ends in time', async (t) => {
    const notes = await told(t);
    const pool = poolFor(t);
    let pid = 0;
    const heard = await untilHeard(notes, async (name) => {
      pid = await pool.call.pid();
      const abort = new AbortController();
      const waiting = pool.run('waits', [notes.file(name)], { signal: abort.signal });
      await notes.written(name);
      abort.abort();
      await assert.rejects(waiting, { name: 'AbortError' });
    });
    assert.equal(heard, 'AbortError');
    assert.equal(await pool.call.pid(), pid);
  });

  test('that waits is never begun once its signal has aborted', async (t) => {
    const { file } = await told(t);
    const pool = poolFor(t);
    const first = pool.call.until(file('go'));
    const abort = new AbortController();
    const second = pool.run('loop', [file('never')], { signal: abort.signal });
    abort.abort();
    await assert.rejects(second, { name: 'AbortError' });
    await assert.rejects(pool.run('add', [1, 1], { signal: AbortSignal.abort('before') }), (error) => error === 'before');
    writeFileSync(file('go'), 'x');
    assert.equal(await first, 'x');
    assert.equal(await pool.call.add(1, 2), 3);
    assert.equal(existsSync(file('never')), false);
  });

  test('with large arguments or a large result can be given up in the middle of them', async (t) => {
    const pool = poolFor(t);
    await pool.ready;
    const large = Buffer.alloc(20_000_000, 1);
    for (let times = 0; times < 4; times += 1) {
      const abort = new AbortController();
      const calls = [
        pool.run('echo', [large], { signal: abort.signal }),
        pool.run('bytes', [20_000_000], { signal: abort.signal }),
        pool.call.add(times, 1),
      ] as const;
      setImmediate(() => abort.abort());
      const [echoed, made, sum] = await Promise.allSettled(calls);
      assert.deepEqual([echoed.status, made.status], ['rejected', 'rejected']);
      assert.deepEqual(sum, { status: 'fulfilled', value: times + 1 });
    }
    assert.deepEqual(await pool.call.echo(large), large);
  });

  test('whose listener throws costs no other call its answer', async (t) => {
    const pool = poolFor(t);
    const thrown: unknown[] = [];
    const catcher = (error: unknown): void => void thrown.push(error);
    process.setUncaughtExceptionCaptureCallback(catcher);
    t.after(() => process.setUncaughtExceptionCaptureCallback(null));
    const fault = new Error('of the listener');
    const onReport = (): void => {
      throw fault;
    };
    const results = await Promise.all([pool.run('reports', [2], { onReport }), pool.call.add(1, 1), pool.call.add(2, 2)]);
    assert.deepEqual(results, ['done', 2, 4]);
    assert.deepEqual(thrown, [fault, fault]);
  });

  test('is rejected when its worker dies, and run once more where it is idempotent', async (t) => {
    const { file } = await told(t);
    const pool = poolFor(t);
    await assert.rejects(pool.call.dies(file('once')), { code: 'ERR_WORKER_DIED', message: /exit code 3/ });
    assert.equal(await pool.run('dies', [file('twice')], { idempotent: true }), 2);
    const idempotent = poolFor(t, { idempotent: true });
    assert.equal(await idempotent.call.dies(file('thrice')), 2);
  });

  test('is run as often as it may be when its workers die', async (t) => {
    const { file } = await told(t);
    const pool = poolFor(t, { retries: 2 });
    const names: unknown[] = [];
    const hear = (event: unknown): unknown => names.push((event as { readonly name: string }).name);
    subscribe('prefork:call:retried', hear);
    t.after(() => unsubscribe('prefork:call:retried', hear));
    assert.equal(await pool.call.dies(file('a'), 2), 3);
    await assert.rejects(pool.call.dies(file('b'), 3), { code: 'ERR_WORKER_DIED' });
    assert.equal(readFileSync(file('b'), 'utf8'), '3');
    assert.equal(await pool.run('dies', [file('c'), 3], { retries: 3 }), 4);
    for (const never of [{ retries: 0 }, { idempotent: false }]) {
      const name = file(Object.keys(never).join(''));
      await assert.rejects(pool.run('dies', [name], never), { code: 'ERR_WORKER_DIED' });
      assert.equal(readFileSync(name, 'utf8'), '1');
    }
    assert.equal(pool.stats().retried, 7);
    assert.deepEqual(names, Array<string>(7).fill('dies'));
  });

  test('beyond the queue is rejected, and those before it are served', async (t) => {
    const { file } = await told(t);
    const pool = poolFor(t, { queue: 2, spares: 0 });
    await pool.ready;
    const running = pool.call.until(file('go'));
    await until(() => pool.stats().running === 1, { describe: 'the first call to run' });
    const waiting = [pool.call.add(1, 1), pool.call.add(2, 2)];
    await assert.rejects(pool.call.add(3, 3), {
      code: 'ERR_QUEUE_FULL',
      message: 'all workers are busy, and 2 tasks wait already',
    });
    writeFileSync(file('go'), 'x');
    assert.deepEqual(await Promise.all([running, ...waiting]), ['x', 2, 4]);
  });

  test('for which a worker is still to boot is not beyond the queue', async (t) => {
    for (const isolation of ['reuse', 'fresh'] as const) {
      const { file } = await told(t);
      const pool = poolFor(t, { isolation, max: 2, queue: 1, spares: 0 });
      const calls = [1, 2, 3].map(() => pool.call.until(file('go')));
      await assert.rejects(pool.call.add(3, 3), { code: 'ERR_QUEUE_FULL' });
      await until(() => pool.stats().running === 2, { describe: 'two calls to run' });
      await assert.rejects(pool.call.add(3, 3), { code: 'ERR_QUEUE_FULL' });
      writeFileSync(file('go'), 'x');
      assert.deepEqual(await Promise.all(calls), ['x', 'x', 'x']);
    }
  });

  test('waits no longer than it may', async (t) => {
    const { file } = await told(t);
    const pool = poolFor(t, { queueTimeout: 100, spares: 0 });
    await pool.ready;
    const running = pool.call.until(file('go'));
    await assert.rejects(pool.call.add(1, 1), { code: 'ERR_QUEUE_TIMEOUT', message: 'no worker was free within 100ms' });
    writeFileSync(file('go'), 'x');
    assert.equal(await running, 'x');
  });
});

suite('an error', TIMEOUT, () => {
  test('comes with its class, name, message, fields, cause and errors', async (t) => {
    const pool = poolFor(t);
    await assert.rejects(pool.call.throws('own'), (error) => {
      assert.ok(error instanceof TypeError);
      assert.deepEqual([error.name, error.message, (error as unknown as { id: number }).id], ['NotFound', 'no 7', 7]);
      assert.equal('callback' in error, false);
      return true;
    });
    await assert.rejects(pool.call.throws('aggregate'), (error) => {
      assert.ok(error instanceof AggregateError && error.errors[0] instanceof TypeError);
      assert.deepEqual([error.message, error.errors[1]], ['both', 'two']);
      return true;
    });
    await assert.rejects(pool.call.throws('system'), { code: 'ENOENT', errno: -2, syscall: 'open', path: '/no/such/file' });
    await assert.rejects(pool.call.throws('abort'), (error) => error instanceof DOMException && error.name === 'AbortError');
    await assert.rejects(pool.call.throws('assert'), { actual: 1, expected: 2, when: new Date(5) });
  });

  test('that is none comes as the value that was thrown', async (t) => {
    const pool = poolFor(t);
    await assert.rejects(pool.call.throws('text'), (error) => error === 'only text');
    await assert.rejects(pool.call.throws('object'), (error) => {
      assert.deepEqual(error, { plain: 'object' });
      return true;
    });
  });

  test('is an instance of the class that the user named', async (t) => {
    class NotFound extends Error {
      declare readonly id: number;
      get sentence(): string {
        return `there is no ${this.id}`;
      }
    }
    const pool = poolFor(t, { errors: [NotFound] });
    await assert.rejects(pool.call.throws('own'), (error) => error instanceof NotFound && error.sentence === 'there is no 7');
  });
});

suite('a module', TIMEOUT, () => {
  const TROUBLE: readonly [string, string, RegExp][] = [
    ['throws-at-load.mjs', 'ERR_HANDLER_LOAD', /throws-at-load\.mjs: RangeError: not today, at .*throws-at-load\.mjs:1:7$/],
    [
      'methods.mjs',
      'ERR_HANDLER_INVALID',
      /methods\.mjs: config\.idempotent is an array, expected a boolean: calls have no methods/,
    ],
    ['no-function.mjs', 'ERR_HANDLER_INVALID', /no-function\.mjs: found no exported function, expected at least one/],
    ['missing.mjs', 'ERR_ENTRY_NOT_FOUND', /^entry: found no file .*missing\.mjs/],
  ];
  for (const isolation of ['reuse', 'thread', 'inline'] as const) {
    for (const [name, code, message] of TROUBLE) {
      test(`that does not load says why at once, to all who ask: ${name}, ${isolation}`, async (t) => {
        const pool = poolFor(t, { isolation }, name);
        const early = pool.call.add(1, 1);
        await assert.rejects(early, { name: 'PreforkError', code, message });
        await assert.rejects(pool.ready, { code, message });
        await assert.rejects(pool.call.add(1, 1), { code, message });
        await pool.close();
      });
    }
  }

  for (const isolation of ['reuse', 'thread'] as const) {
    test(`that ends its worker while it loads is named: ${isolation}`, async (t) => {
      const pool = createPool<Record<string, () => void>>(handler('exits-at-load.mjs'), { isolation, max: 1 });
      t.after(() => pool.close({ force: true }));
      const message = /exits-at-load\.mjs: it ended while it booted: exit code 7$/;
      await assert.rejects(pool.run('add', []), { code: 'ERR_BOOT_EXIT', message });
    });
  }

  test('without the function that is called says which it has', async (t) => {
    const pool = createPool<Record<string, () => void>>(fixture('primes.ts'), { max: 1 });
    t.after(() => pool.close({ force: true }));
    await assert.rejects(pool.run('isprime', []), (error) => {
      const { name, code, message } = error as Error & { code: string };
      assert.deepEqual([name, code], ['PreforkError', 'ERR_NO_SUCH_FUNCTION']);
      assert.match(message, /primes\.ts: found no exported function "isprime", expected one of isPrime, primesIn$/);
      return true;
    });
    await assert.rejects(pool.run('setup', []), { code: 'ERR_NO_SUCH_FUNCTION' });
  });
});

for (const isolation of ['reuse', 'thread'] as const) {
  suite(`several calls at once in one worker, isolation ${isolation}`, TIMEOUT, () => {
    test('run beside each other, and each ends by itself', async (t) => {
      const { file, written } = await told(t);
      const pool = poolFor(t, { isolation, concurrency: 3 });
      await pool.ready;
      const abort = new AbortController();
      const calls = [pool.call.until(file('a')), pool.call.until(file('b'))] as const;
      const given = pool.run('waits', [file('begun')], { signal: abort.signal });
      await until(() => pool.stats().running === 3, { describe: 'three calls to run', withinMs: 60_000 });
      const fourth = pool.call.add(2, 2);
      await written('begun');
      abort.abort();
      await assert.rejects(given, { name: 'AbortError' });
      assert.equal(await fourth, 4);
      const late = pool.run('until', [file('never')], { deadline: 100 });
      await assert.rejects(late, { code: 'ERR_DEADLINE' });
      for (const name of ['b', 'a']) writeFileSync(file(name), name);
      assert.deepEqual(await Promise.all(calls), ['a', 'b']);
      assert.equal(pool.stats().workers.alive, 1);
    });

    test('of which one computes past its deadline are lost with it, or run again', async (t) => {
      const { file } = await told(t);
      const pool = poolFor(t, { isolation, concurrency: 2 });
      await pool.ready;
      const beside = pool.run('until', [file('a')], { retries: 1 });
      const looping = pool.run('untilThen', [file('go'), 'loop'], { deadline: 1000 });
      await until(() => pool.stats().running === 2, { describe: 'both calls to run', withinMs: 60_000 });
      writeFileSync(file('go'), 'x');
      await assert.rejects(looping, { code: 'ERR_DEADLINE' });
      writeFileSync(file('a'), 'a');
      assert.equal(await beside, 'a');
    });
  });
}
