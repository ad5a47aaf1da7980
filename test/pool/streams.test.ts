import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { ISOLATIONS } from '../../src/pool/pool-options.ts';
import { until } from '../support/until.ts';
import { collect, range, source, streamsFor } from './streams.ts';
import { told } from './told.ts';

const TIMEOUT = { timeout: 60_000 };
/** Values that may be under way, and one in the hand of each side. */
const MOST_AHEAD = 32 + 2;

async function* yields(...values: unknown[]): AsyncGenerator {
  yield* values;
}

for (const isolation of ISOLATIONS) {
  suite(`streams with isolation ${isolation}`, TIMEOUT, () => {
    test('come in order and whole, whatever the function returns them as', async (t) => {
      const pool = streamsFor(t, { isolation });
      assert.deepEqual(await collect(pool.stream.upTo(1000)), range(1000));
      assert.deepEqual(await collect(pool.stream.upTo(0)), []);
      const values = ['ä', new Map([[1, new Date(2)]]), undefined, Buffer.alloc(700_000, 'x')];
      assert.deepEqual(await collect(pool.stream.generated(...values)), values);
      assert.deepEqual(await collect(pool.stream.promised([1, 2])), [{ value: 1 }, { value: 2 }]);
      const chunks = await collect(pool.stream.readable(40, 100_000));
      assert.deepEqual(
        chunks.map((chunk) => [chunk.length, chunk[99_999]]),
        range(40).map((n) => [100_000, 40 - n]),
      );
      assert.equal(pool.stats().completed, 5);
    });

    test('are asked for no more than is taken of them', async (t) => {
      const { file, written } = await told(t);
      const pool = streamsFor(t, { isolation, max: 2 });
      const numbers = pool.stream.countUp(file('ended'));
      for (let n = 1; n <= 100; n += 1) assert.deepEqual(await numbers.next(), { done: false, value: n });
      if (isolation === 'inline') {
        const made = await pool.call.madeSoFar();
        assert.ok(made >= 100 && made <= 100 + MOST_AHEAD, `${made} values were made for 100`);
      }
      assert.deepEqual(await numbers.return(), { done: true, value: undefined });
      await written('ended');
      assert.equal(readFileSync(file('ended'), 'utf8'), 'aborted');
      assert.deepEqual(await numbers.next(), { done: true, value: undefined });
      await pool.drained;
      assert.deepEqual([pool.stats().cancelled, pool.stats().running], [1, 0]);
    });

    test('end by break, after the finally blocks of the function, whose worker serves on', async (t) => {
      const { file } = await told(t);
      const pool = streamsFor(t, { isolation });
      const pid = await pool.call.pid();
      for await (const n of pool.stream.countUp(file('ended'))) if (n === 500) break;
      assert.ok(existsSync(file('ended')));
      if (isolation !== 'fresh') {
        assert.equal(await pool.call.pid(), pid);
        const made = await pool.call.madeSoFar();
        assert.ok(made >= 500 && made <= 500 + MOST_AHEAD, `${made} values were made for 500`);
      }
    });

    test('throw what the function throws, after what it yielded', async (t) => {
      const pool = streamsFor(t, { isolation });
      const seen: number[] = [];
      async function reader(): Promise<void> {
        for await (const n of pool.stream.throwsAfter(50)) seen.push(n);
      }
      await assert.rejects(reader(), (error) => {
        assert.ok(error instanceof RangeError);
        assert.match(error.stack ?? '', /^RangeError: no more\n\s+at throwsAfter .*streams\.mjs:\d+:\d+[^]*at async reader/);
        return true;
      });
      assert.deepEqual(seen, range(50));
      await assert.rejects(collect(pool.stream.yieldsFunction()), {
        name: 'PreforkError',
        code: 'ERR_NOT_CLONEABLE',
        message: /^result\[1\]\.inner\[0\]: /,
      });
    });

    test('go in as arguments, of the kind that they are', async (t) => {
      const pool = streamsFor(t, { isolation });
      assert.equal(await pool.call.sum(source(1000).values), 500_500);
      assert.equal(await pool.run('sum', [ReadableStream.from<number>(range(10)), 2]), 110);
      const texts = (...each: string[]): AsyncIterable<string> => ReadableStream.from<string>(each);
      assert.equal(await pool.call.join(texts('a', 'b'), '+', texts('c')), 'a+b+c');
      assert.equal(await pool.call.kindOf(source(1).values), 'iterable');
      assert.equal(await pool.call.kindOf(texts('a')), 'readable');
      const large = ReadableStream.from<Uint8Array>(range(30).map(() => new Uint8Array(300_000)));
      assert.equal(await pool.call.bytesOf(large), 9_000_000);
    });

    test('among the arguments are read as far as the function reads them, and ended with it', async (t) => {
      const pool = streamsFor(t, { isolation });
      for (const count of [0, 7]) {
        const { values, seen } = source();
        assert.deepEqual(await pool.call.takes(values, count), range(count));
        await until(() => seen.ended, { describe: 'the source to be ended' });
        assert.ok(seen.made >= count && seen.made <= count + MOST_AHEAD, `${seen.made} values were taken for ${count}`);
      }
      let cancelled: unknown;
      const web = new ReadableStream<number>({
        pull: (controller) => controller.enqueue(1),
        cancel: (reason) => void (cancelled = reason ?? 'cancelled'),
      });
      assert.deepEqual(await pool.call.takes(web, 2), [1, 1]);
      await until(() => cancelled !== undefined, { describe: 'the stream to be cancelled' });
    });

    test('that fail as arguments fail in the function', async (t) => {
      const pool = streamsFor(t, { isolation });
      async function* failing(error: unknown): AsyncGenerator<number> {
        yield 1;
        throw error;
      }
      assert.equal(
        await pool.call.hears(failing(new RangeError('of the source'))),
        'RangeError RangeError of the source undefined',
      );
      const heard = await pool.call.hears(failing(new DOMException('x', 'TimeoutError')));
      assert.equal(heard, 'DOMException TimeoutError x 23');
      assert.match(await pool.call.hears(yields(() => {})), /^PreforkError PreforkError args\[0\]\[0\]: .* ERR_NOT_CLONEABLE$/);
      await assert.rejects(pool.call.sum(failing(new TypeError('through'))), (error) => {
        return error instanceof TypeError && error.message === 'through';
      });
    });

    test('go in and out at once', async (t) => {
      const pool = streamsFor(t, { isolation });
      assert.deepEqual(
        await collect(pool.stream.double(source(300).values)),
        range(300).map((n) => 2 * n),
      );
      const { values, seen } = source();
      for await (const n of pool.stream.double(values)) if (n === 20) break;
      await until(() => seen.ended, { describe: 'the source to be ended' });
      assert.ok(seen.made <= 10 + 2 * MOST_AHEAD, `${seen.made} values were taken for 10`);
      // Through one worker into another one, or the same one after it.
      const through = streamsFor(t, { isolation, max: 2 });
      assert.deepEqual(
        await collect(through.stream.double(through.stream.upTo(50))),
        range(50).map((n) => 2 * n),
      );
    });
  });
}
