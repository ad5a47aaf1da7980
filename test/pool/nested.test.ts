import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { isAlive } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { nestedFor } from './nested.ts';
import { collect, range, source } from './streams.ts';
import { told } from './told.ts';

const TIMEOUT = { timeout: 60_000 };
/** Values that may be under way, and one in the hand of each side. */
const MOST_AHEAD = 32 + 2;

const lines = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').toSorted() : []);

for (const isolation of ['reuse', 'thread', 'inline'] as const) {
  suite(`streams in values with isolation ${isolation}`, TIMEOUT, () => {
    test('go in wherever they are, of the kind that they are', async (t) => {
      const pool = nestedFor(t, { isolation });
      assert.equal(await pool.call.describe({ name: 'x', content: Readable.from(['a', 'b']) }), 'x: ab');
      const web = ReadableStream.from([3]);
      const values = [1, source(2).values, web, 'x', [source(1).values].length];
      assert.deepEqual(await pool.call.same(values), [1, ['iterable', 1, 2], ['readable', 3], 'x', 1]);
      // Ones of the caller's own making, in a Set.
      const own = { name: 'lost', [Symbol.asyncIterator]: () => source(3).values };
      assert.deepEqual(await pool.call.same(new Set([own, own, 7])), [['iterable', 1, 2, 3], 7]);
      assert.equal(pool.stats().completed, 3);
    });

    test('go in side by side, each as far as it is read, and are ended with the call', async (t) => {
      const pool = nestedFor(t, { isolation });
      const sources = [source(), source(), source(3)];
      const parts = sources.map(({ values }) => values);
      assert.deepEqual(await pool.call.takeOf(parts, [1, 300, 9]), [1, 45_150, 6]);
      await until(() => sources.every(({ seen }) => seen.ended), { describe: 'the sources to be ended' });
      assert.ok((sources[0]?.seen.made ?? 0) <= 1 + MOST_AHEAD, `${sources[0]?.seen.made} values were taken for 1`);
      assert.ok((sources[1]?.seen.made ?? 0) <= 300 + MOST_AHEAD, `${sources[1]?.seen.made} values were taken for 300`);
    });

    test('come back, are read one after the other, and the call is over after the last one', async (t) => {
      const pool = nestedFor(t, { isolation });
      const { evens, odds, count } = await pool.call.split(200);
      assert.equal(count, 200);
      assert.deepEqual(
        await collect(odds),
        range(200).map((n) => 2 * n - 1),
      );
      assert.deepEqual([pool.stats().running, pool.stats().completed], [1, 0]);
      assert.deepEqual(
        await collect(evens),
        range(200).map((n) => 2 * n),
      );
      await pool.drained;
      assert.deepEqual([pool.stats().running, pool.stats().completed], [0, 1]);
    });

    test('end alone by break, and the worker serves on when all have', async (t) => {
      const { file } = await told(t);
      const pool = nestedFor(t, { isolation });
      const pid = await pool.call.pid();
      const { first, second } = await pool.call.endless(file('ended'));
      for await (const n of first) if (n === 50) break;
      await until(() => lines(file('ended')).length === 1, { describe: 'the first one to be ended' });
      for (let n = 1; n <= 100; n += 1) assert.deepEqual(await second.next(), { done: false, value: n });
      assert.equal(pool.stats().running, 1);
      await second.return();
      await pool.drained;
      assert.deepEqual(lines(file('ended')), ['first alone', 'second alone']);
      assert.equal(pool.stats().completed, 2);
      assert.equal(await pool.call.pid(), pid);
    });

    test('stand where they stood, one that is reached twice as one, beside all else', async (t) => {
      const pool = nestedFor(t, { isolation });
      type Stream = AsyncIterable<number>;
      const root = (await pool.call.places()) as {
        readonly list: readonly [number, Stream, undefined, Set<Stream>];
        readonly map: Map<string, Stream>;
        readonly twice: Stream;
        readonly at: Date;
        readonly root: unknown;
      };
      assert.equal(root.root, root);
      assert.equal(root.twice, root.list[1]);
      assert.equal(2 in root.list, false);
      assert.deepEqual(root.at, new Date(6));
      assert.ok(root.map.get('key') instanceof ReadableStream);
      const all = [root.twice, ...root.list[3], root.map.get('key') as Stream];
      assert.deepEqual(await Promise.all(all.map((each) => collect(each))), [[1, 2], [3, 4], [5]]);
    });

    test('go in and out at once, and large', async (t) => {
      const pool = nestedFor(t, { isolation });
      const { doubled } = await pool.call.doubled({ numbers: source(300).values });
      assert.deepEqual(
        await collect(doubled),
        range(300).map((n) => 2 * n),
      );
      const { name, body, rest } = await pool.call.chunks(20, 100_000);
      assert.deepEqual([name, rest.length], ['chunks', 2_000_000]);
      const chunks = await collect(body);
      assert.deepEqual(
        chunks.map((chunk) => [chunk.length, chunk[99_999]]),
        range(20).map((n) => [100_000, 20 - n]),
      );
      await (await pool.call.chunks(1000, 1000)).body.cancel();
      await pool.drained;
      assert.equal(pool.stats().completed, 3);
    });

    test('fail alone, where they are read', async (t) => {
      const pool = nestedFor(t, { isolation });
      const { fails, goes } = await pool.call.failing();
      await assert.rejects(collect(fails), (error) => error instanceof RangeError && error.message === 'no more');
      assert.equal((await collect(goes)).length, 100);
      await pool.drained;
      assert.equal(pool.stats().completed, 1);
      await assert.rejects(pool.call.refused(), { code: 'ERR_NOT_CLONEABLE', message: /^result\.bad\[0\]: / });
      await assert.rejects(pool.call.cause(), {
        code: 'ERR_NOT_CLONEABLE',
        message: /^result\.cause: found a stream that belongs/,
      });
    });

    test('fail all when the call is given up, at once, or passes its deadline', async (t) => {
      const { file } = await told(t);
      const pool = nestedFor(t, { isolation });
      const abort = new AbortController();
      const { first, second } = await pool.run('endless', [file('ended')], { signal: abort.signal });
      assert.deepEqual(await first.next(), { done: false, value: 1 });
      const reason = new Error('changed my mind');
      abort.abort(reason);
      await assert.rejects(first.next(), (error) => error === reason);
      await assert.rejects(second.next(), (error) => error === reason);
      assert.deepEqual(await first.next(), { done: true, value: undefined });
      await until(() => lines(file('ended')).length === 2, { describe: 'both to be ended' });
      assert.deepEqual(lines(file('ended')), ['first aborted', 'second aborted']);
      await pool.drained;
      assert.equal(pool.stats().cancelled, 1);
      const late = await pool.run('endless', [file('late')], { deadline: 300 });
      await assert.rejects(collect(late.first), { code: 'ERR_DEADLINE' });
      await assert.rejects(collect(late.second), { code: 'ERR_DEADLINE' });
    });
  });
}

suite('streams in values', TIMEOUT, () => {
  test('are lost with their worker, whose call is not run again', async (t) => {
    const { file } = await told(t);
    const pool = nestedFor(t);
    const { values } = await pool.run('dies', [file('calls')], { idempotent: true, retries: 3 });
    const seen: number[] = [];
    await assert.rejects(
      async () => {
        for await (const n of values) seen.push(n);
      },
      { code: 'ERR_WORKER_DIED' },
    );
    assert.deepEqual(seen, [1]);
    await pool.drained;
    assert.equal(await pool.call.add(1, 1), 2);
    assert.deepEqual(lines(file('calls')), ['called']);
  });

  test('that are ended end the worker that computes on, when the call is given up', async (t) => {
    const { file, written } = await told(t);
    const pool = nestedFor(t);
    const abort = new AbortController();
    const { values } = await pool.run('looping', [file('looping')], { signal: abort.signal });
    await values.next();
    await written('looping');
    abort.abort();
    await assert.rejects(values.next(), { name: 'AbortError' });
    await pool.drained;
    assert.equal(isAlive(Number(readFileSync(file('looping'), 'utf8'))), false);
  });

  test('that come when nobody waits any more are ended unread', async (t) => {
    const { file, written } = await told(t);
    const pool = nestedFor(t);
    const abort = new AbortController();
    const call = pool.run('late', [file('begun')], { signal: abort.signal });
    await written('begun');
    abort.abort();
    await assert.rejects(call, { name: 'AbortError' });
    await pool.drained;
    assert.equal(await pool.call.add(1, 1), 2);
  });

  test('are refused with their path where they can not be, and beyond a bound', async (t) => {
    const pool = nestedFor(t);
    const locked = new ReadableStream<number>();
    locked.getReader();
    const refused = [
      { value: [{ rows: locked }], message: /^args\[0\]\[0\]\.rows: found a ReadableStream that is locked, expected one/ },
      {
        value: [new Error('x', { cause: source().values })],
        message: /^args\[0\]\[0\]\.cause: found a stream that belongs to an error/,
      },
      { value: range(256).map(() => source().values), message: /^args: found more than 255 streams, expected fewer/ },
      { value: [source().values, () => {}], message: /^args\[0\]\[1\]: found a function/ },
    ];
    for (const { value, message } of refused) await assert.rejects(pool.call.same(value), { code: 'ERR_NOT_CLONEABLE', message });
    async function* ofStreams(): AsyncGenerator {
      yield source().values;
    }
    await assert.rejects(pool.call.same([ofStreams()]), {
      code: 'ERR_NOT_CLONEABLE',
      message: /^args\[0\]\[0\]\[0\]: found a stream, which can/,
    });
    assert.equal((await pool.call.same(range(255).map(() => source(1).values))).length, 255);
  });
});
