import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test, type TestContext } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createPool, type Pool } from '../../src/pool/create-pool.ts';
import type { Isolation, PoolOptions } from '../../src/pool/pool-options.ts';
import { until } from '../support/until.ts';
import { fixture } from './pools.ts';

interface Functions {
  add(a: number, b: number): number;
  echo<T>(value: T): T;
  raise(cells: Int32Array, times?: number): Int32Array;
  waitsForCell(cells: Int32Array): Promise<number>;
  answersOn(ports: { port: MessagePort }): Promise<string>;
  opensPort(): { inner: [MessagePort] };
  reportsShared(): Int32Array;
  yieldsShared(cells: Int32Array): AsyncGenerator<Int32Array | { memory: SharedArrayBuffer }>;
}

function poolFor(t: TestContext, isolation: Isolation, options: PoolOptions = {}): Pool<Functions> {
  const pool = createPool<Functions>(fixture('functions.mjs'), { isolation, max: 2, ...options });
  t.after(() => pool.close({ force: true }));
  return pool;
}

for (const isolation of ['thread', 'inline'] as const) {
  suite(`between threads, isolation ${isolation}`, { timeout: 60_000 }, () => {
    test('memory is shared, as arguments and as results, under all views of it', async (t) => {
      const pool = poolFor(t, isolation);
      const memory = new SharedArrayBuffer(16);
      const cells = new Int32Array(memory, 4, 2);
      const back = await pool.call.raise(cells);
      assert.deepEqual([cells[0], back.byteOffset, back.length], [1, 4, 2]);
      Atomics.add(back, 0, 1);
      assert.equal(cells[0], 2);
      await Promise.all(Array.from({ length: 20 }, () => pool.call.raise(cells, 100)));
      assert.equal(cells[0], 2002);
      const value = {
        memory,
        views: [new Uint8Array(memory), new DataView(memory, 8)],
        own: Buffer.from('own'),
        at: new Date(3),
      };
      const echoed = await pool.call.echo(value);
      assert.deepEqual(echoed, value);
      assert.ok(echoed.memory instanceof SharedArrayBuffer && echoed.views[0]?.buffer === echoed.memory);
      new Uint8Array(echoed.memory)[0] = 77;
      assert.equal(new Uint8Array(memory)[0], 77);
    });

    test('memory is shared in reports and in streams, both ways', async (t) => {
      const pool = poolFor(t, isolation);
      const reports: Int32Array[] = [];
      const returned = await pool.run('reportsShared', [], { onReport: (cells) => reports.push(cells as Int32Array) });
      Atomics.store(returned, 0, 5);
      assert.equal(reports[0]?.[0], 5);
      const cells = new Int32Array(new SharedArrayBuffer(4));
      const streamed: Int32Array[] = [];
      for await (const each of pool.stream.yieldsShared(cells))
        streamed.push(new Int32Array('memory' in each ? each.memory : each.buffer));
      Atomics.store(cells, 0, 9);
      assert.deepEqual(
        streamed.map((each) => each[0]),
        [9, 9],
      );
    });

    test('a message port is given away, and talks', async (t) => {
      const pool = poolFor(t, isolation);
      const { port1, port2 } = new MessageChannel();
      const answering = pool.run('answersOn', [{ port: port2 }], { transfer: [port2] });
      port1.postMessage('hi');
      assert.deepEqual(await once(port1, 'message'), ['hihi']);
      port1.close();
      assert.equal(await answering, 'closed');
      const {
        inner: [port],
      } = await pool.call.opensPort();
      assert.deepEqual(await once(port, 'message'), ['from the worker']);
      port.close();
    });
  });
}

suite('what only threads can be handed', { timeout: 60_000 }, () => {
  test('is shared with a call that runs', async (t) => {
    const pool = poolFor(t, 'thread');
    const cells = new Int32Array(new SharedArrayBuffer(4));
    const waiting = pool.call.waitsForCell(cells);
    await until(() => pool.stats().running === 1, { describe: 'the call to run' });
    Atomics.store(cells, 0, 3);
    Atomics.notify(cells, 0);
    assert.equal(await waiting, 3);
  });

  test('goes to a thread of a pool of processes, where a call asks for one', async (t) => {
    const pool = poolFor(t, 'reuse');
    const cells = new Int32Array(new SharedArrayBuffer(4));
    await pool.run('raise', [cells], { isolation: 'thread' });
    assert.equal(cells[0], 1);
  });

  test('is refused by processes, with its path', async (t) => {
    const pool = poolFor(t, 'reuse');
    await assert.rejects(pool.call.raise(new Int32Array(new SharedArrayBuffer(4))), {
      code: 'ERR_NOT_CLONEABLE',
      message: /^args\[0\]: found a view of a SharedArrayBuffer, which only threads can share, /,
    });
    const { port1 } = new MessageChannel();
    await assert.rejects(pool.call.answersOn({ port: port1 }), {
      code: 'ERR_NOT_CLONEABLE',
      message: /^args\[0\]\.port: found a MessagePort, which only threads can be given, /,
    });
    await assert.rejects(pool.call.opensPort(), { code: 'ERR_NOT_CLONEABLE', message: /^result\.inner\[0\]: / });
    port1.close();
  });

  test('is given away once, and the next call is not hurt', async (t) => {
    const pool = poolFor(t, 'thread', { max: 1 });
    const { port1, port2 } = new MessageChannel();
    const first = pool.call.answersOn({ port: port2 });
    await until(() => pool.stats().running === 1, { describe: 'the call to run' });
    const second = pool.call.answersOn({ port: port2 });
    port1.close();
    assert.equal(await first, 'closed');
    await assert.rejects(second, { name: 'PreforkError', code: 'ERR_NOT_CLONEABLE', message: /^args: / });
    assert.equal(await pool.call.add(1, 1), 2);
  });
});
