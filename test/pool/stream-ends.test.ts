import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { Pool } from '../../src/pool/create-pool.ts';
import { gone } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { collect, source, streamsFor } from './streams.ts';
import { told, untilHeard } from './told.ts';

const TIMEOUT = { timeout: 120_000 };

for (const isolation of ['reuse', 'fresh', 'thread'] as const) {
  suite(`the end of a stream with isolation ${isolation}`, TIMEOUT, () => {
    test('by break takes the worker with it that computes', async (t) => {
      const { file, written } = await told(t);
      const pool = streamsFor(t, { isolation });
      for await (const text of pool.stream.loops(file('looping'))) {
        assert.equal(text, 'first');
        await written('looping');
        break;
      }
      if (isolation !== 'thread') await gone([Number(readFileSync(file('looping'), 'utf8'))]);
      assert.equal(await pool.call.add(1, 1), 2);
    });

    test('by a signal comes at once, and drops what was not read', async (t) => {
      const { file } = await told(t);
      const pool = streamsFor(t, { isolation });
      const abort = new AbortController();
      const numbers = pool.runStream('countUp', [file('ended')], { signal: abort.signal });
      assert.deepEqual(await numbers.next(), { done: false, value: 1 });
      const reason = new Error('changed my mind');
      abort.abort(reason);
      await assert.rejects(numbers.next(), (error) => error === reason);
      assert.deepEqual(await numbers.next(), { done: true, value: undefined });
      await until(() => existsSync(file('ended')), { describe: 'the function to end' });
    });

    test('by a deadline, or the death of its worker, comes after what was yielded', async (t) => {
      const { file } = await told(t);
      const pool = streamsFor(t, { isolation });
      await pool.ready;
      const looping = pool.runStream('loops', [file('looping')], { deadline: 2000 });
      assert.deepEqual(await looping.next(), { done: false, value: 'first' });
      await assert.rejects(looping.next(), { code: 'ERR_DEADLINE' });
      const seen: number[] = [];
      await assert.rejects(
        async () => {
          for await (const n of pool.runStream('dies', [], { idempotent: true })) seen.push(n);
        },
        { code: 'ERR_WORKER_DIED' },
      );
      assert.deepEqual(seen, [1, 2]);
    });

    test('of the call is the end of its sources', async (t) => {
      const notes = await told(t);
      const pool = streamsFor(t, { isolation });
      const heard = await untilHeard(notes, async (name) => {
        const abort = new AbortController();
        const { values, seen } = source();
        const waiting = pool.run('waits', [values, notes.file(name)], { signal: abort.signal });
        await notes.written(name);
        abort.abort();
        await assert.rejects(waiting, { name: 'AbortError' });
        await until(() => seen.ended, { describe: 'the source to be ended' });
      });
      assert.equal(heard, 'AbortError');
    });
  });
}

suite('a stream', TIMEOUT, () => {
  test('begins when it is read, with the arguments as they were', async (t) => {
    const pool = streamsFor(t);
    await pool.ready;
    const value = { n: 1 };
    const stream = pool.stream.generated(value);
    value.n = 2;
    assert.equal(pool.stats().running, 0);
    assert.deepEqual(await collect(stream), [{ n: 1 }]);
    const never = pool.stream.upTo(3);
    await never.return();
    assert.deepEqual(await collect(never), []);
    assert.equal(pool.stats().completed, 1);
  });

  test('can be asked for several values at once', async (t) => {
    const numbers = streamsFor(t).stream.upTo(3);
    const results = await Promise.all([1, 2, 3, 4, 5].map(() => numbers.next()));
    assert.deepEqual(
      results.map(({ value }) => value),
      [1, 2, 3, undefined, undefined],
    );
  });

  test('shows all that was yielded while the function computes and never waits', async (t) => {
    const { file } = await told(t);
    const pool = streamsFor(t);
    const seen: number[] = [];
    for await (const n of pool.stream.blocksUntil(file('go'))) {
      seen.push(n);
      // It does not go on before both were seen.
      if (n === 2) writeFileSync(file('go'), '');
    }
    assert.deepEqual(seen, [1, 2, 3]);
  });

  test('gives memory away, and reports, in its function', async (t) => {
    const { file, written } = await told(t);
    const pool = streamsFor(t);
    const reports: unknown[] = [];
    const onReport = (value: unknown): unknown => reports.push(value);
    assert.deepEqual(await collect(pool.runStream('givesAway', [file('left')], { onReport })), [new Uint8Array(8)]);
    await written('left');
    assert.equal(readFileSync(file('left'), 'utf8'), '0');
    assert.deepEqual(reports, ['given']);
  });

  test('is one of the web where it is wanted as one', async (t) => {
    const pool = streamsFor(t);
    const web = ReadableStream.from<Uint8Array>(pool.stream.readable(3, 10));
    assert.equal((await new Response(web).arrayBuffer()).byteLength, 30);
  });

  test('has to be called for by its name, and to be one', async (t) => {
    const pool = streamsFor(t);
    const untyped = pool as unknown as Pool<Record<string, (...args: unknown[]) => unknown>>;
    const message = 'result: found a stream, expected a value: call upTo by pool.stream';
    await assert.rejects(untyped.run('upTo', [3]), { code: 'ERR_NOT_CLONEABLE', message });
    await assert.rejects(collect(untyped.runStream('array', [])), {
      name: 'PreforkError',
      code: 'ERR_NO_STREAM',
      message: /^array: found an array as its result, expected an async iterable/,
    });
    await assert.rejects(collect(untyped.runStream('nothing', [])), { code: 'ERR_NO_SUCH_FUNCTION' });
    await assert.rejects(collect(untyped.runStream('upTo', [() => {}])), { code: 'ERR_NOT_CLONEABLE', message: /^args\[0\]: / });
    await assert.rejects(collect(untyped.runStream('upTo', [3], { deadline: 'soon' as never })), { code: 'ERR_BAD_OPTION' });
    const locked = new ReadableStream<number>();
    locked.getReader();
    await assert.rejects(pool.call.sum(locked as AsyncIterable<number>), { code: 'ERR_NOT_CLONEABLE', message: /locked/ });
    await pool.close();
    await assert.rejects(collect(pool.stream.upTo(3)), { code: 'ERR_SHUTTING_DOWN' });
  });

  test('that is open when its pool closes is read to its end, or fails by force', async (t) => {
    const { file } = await told(t);
    const pool = streamsFor(t);
    const numbers = pool.stream.upTo(200);
    await numbers.next();
    const closed = pool.close();
    assert.equal((await collect(numbers)).length, 199);
    await closed;
    const other = streamsFor(t);
    const endless = other.stream.countUp(file('ended'));
    await endless.next();
    await other.close({ force: true });
    await assert.rejects(collect(endless), { code: 'ERR_SHUTTING_DOWN' });
  });
});
