import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { ISOLATIONS } from '../../src/pool/pool-options.ts';
import { isAlive } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { poolFor } from './pools.ts';
import { told } from './told.ts';

suite('the isolation of a single call', { timeout: 60_000 }, () => {
  test('is where that call runs, beside those of the pool', async (t) => {
    // Without a spare each kind has one worker for calls that come one after the other.
    const pool = poolFor(t, { max: 2, spares: 0 });
    const own = await pool.call.where();
    const fresh = await Promise.all([1, 2].map(() => pool.run('where', [], { isolation: 'fresh' })));
    const thread = await pool.run('where', [], { isolation: 'thread' });
    const inline = await pool.run('where', [], { isolation: 'inline' });
    assert.equal(new Set([own, ...fresh, inline].map(({ pid }) => pid)).size, 4);
    assert.deepEqual([thread.pid, thread.threadId > 0], [process.pid, true]);
    assert.deepEqual([inline.pid, inline.threadId], [process.pid, 0]);
    assert.deepEqual(
      fresh.map(({ served }) => served),
      [1, 1],
    );
    assert.deepEqual(await pool.run('where', [], { isolation: 'reuse' }), { ...own, served: 2 });
    assert.deepEqual(await pool.run('where', [], { isolation: 'thread' }), { ...thread, served: 2 });
    assert.equal(pool.stats().completed, 7);
    await pool.close();
    assert.deepEqual([isAlive(own.pid), pool.stats().workers.alive], [false, 0]);
  });

  for (const isolation of ISOLATIONS) {
    test(`can be any, of a pool that is ${isolation}`, async (t) => {
      const pool = poolFor(t, { isolation });
      const results = ISOLATIONS.map((each) => pool.run('add', [1, 2], { isolation: each }));
      assert.deepEqual(await Promise.all(results), [3, 3, 3, 3]);
      await pool.close();
      await assert.rejects(pool.run('add', [1, 2], { isolation: 'fresh' }), { code: 'ERR_SHUTTING_DOWN' });
    });
  }

  test('makes no worker before it is asked for, and keeps none for ever', async (t) => {
    const pool = poolFor(t, { isolation: 'inline', idleTimeout: 50 });
    await pool.ready;
    assert.equal(pool.stats().workers.alive, 0);
    assert.equal(await pool.run('add', [1, 1], { isolation: 'reuse' }), 2);
    assert.equal(pool.stats().workers.alive, 1);
    await until(() => pool.stats().workers.alive === 0, { describe: 'the worker to end', withinMs: 60_000 });
    assert.equal(await pool.run('add', [1, 1], { isolation: 'reuse' }), 2);
  });

  test('that can not load the module fails these calls alone', async (t) => {
    // No thread takes this flag.
    const pool = poolFor(t, { execArgv: ['--max-old-space-size=100'] });
    const failing = pool.run('add', [1, 1], { isolation: 'thread', deadline: '1h' });
    await assert.rejects(failing, { name: 'PreforkError' });
    await assert.rejects(pool.run('add', [1, 1], { isolation: 'thread' }), { name: 'PreforkError' });
    assert.equal(await pool.call.add(1, 1), 2);
    assert.equal(await pool.run('add', [1, 1], { isolation: 'inline' }), 2);
  });

  test('is given up by a signal, and by force, as any other', async (t) => {
    const { file, written } = await told(t);
    const pool = poolFor(t, { isolation: 'inline', max: 2 });
    const abort = new AbortController();
    const looping = pool.run('loop', [file('looping')], { isolation: 'reuse', signal: abort.signal });
    await written('looping');
    const beside = pool.run('until', [file('go')], { isolation: 'reuse' });
    abort.abort();
    await assert.rejects(looping, { name: 'AbortError' });
    writeFileSync(file('go'), 'gone');
    assert.equal(await beside, 'gone');
    const last = pool.run('loop', [file('last')], { isolation: 'thread' });
    const outcome = Promise.allSettled([last]);
    await until(() => existsSync(file('last')), { describe: 'the loop to begin', withinMs: 60_000 });
    await pool.close({ force: true });
    const [{ status, reason }] = (await outcome) as [PromiseRejectedResult];
    assert.deepEqual([status, (reason as { code: string }).code], ['rejected', 'ERR_SHUTTING_DOWN']);
  });

  test('that is none is refused', async (t) => {
    const pool = poolFor(t, { isolation: 'inline' });
    await assert.rejects(pool.run('add', [1, 1], { isolation: 'process' as 'fresh' }), {
      code: 'ERR_BAD_OPTION',
      message: 'isolation: found "process", expected one of reuse, fresh, thread, inline',
    });
  });
});
