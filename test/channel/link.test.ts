import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { HEADER_BYTES, MAX_BODY_FRAME_BYTES, MAX_PAYLOAD_BYTES, ProtocolError } from '../../src/channel/frame.ts';
import type { FromWorker, ToWorker } from '../../src/channel/messages.ts';
import { until } from '../support/until.ts';
import { fromWorker, toWorker } from './any-message.ts';
import { primaryEnd, stayAlive, workerEnd } from './ends.ts';
import { holdsInTime } from './holds.ts';
import { recorded, TRANSPORTS } from './transports.ts';

const LIMIT_BYTES = 16 * 1024 * 1024;

function cancel(task: number): ToWorker {
  return { type: 'CancelTask', task };
}

for (const [name, pair] of Object.entries(TRANSPORTS)) {
  suite(`link over a ${name}`, () => {
    test('carries any messages both ways at once, in order', async (t) => {
      const [near, far] = await pair(t);
      const primary = primaryEnd(near);
      const worker = workerEnd(far);
      const anyTo: fc.Arbitrary<ToWorker> = fc.oneof(...Object.values(toWorker));
      const anyFrom: fc.Arbitrary<FromWorker> = fc.oneof(...Object.values(fromWorker));
      await holdsInTime(
        fc.asyncProperty(fc.array(anyTo, { maxLength: 30 }), fc.array(anyFrom, { maxLength: 30 }), async (orders, facts) => {
          primary.received.length = 0;
          worker.received.length = 0;
          for (const order of orders) primary.link.send(order);
          for (const fact of facts) worker.link.send(fact);
          await until(() => worker.received.length === orders.length && primary.received.length === facts.length, {
            describe: 'all messages',
          });
          assert.deepEqual(worker.received, orders);
          assert.deepEqual(primary.received, facts);
        }),
        100,
      );
      assert.deepEqual([primary.closes, worker.closes], [[], []]);
    });

    test('writes once for the messages of a turn', async (t) => {
      const [near, far] = await pair(t);
      const { transport, writes } = recorded(near);
      const { link } = primaryEnd(transport);
      const worker = workerEnd(far);
      for (let task = 0; task < 50; task += 1) link.send(cancel(task));
      await until(() => worker.received.length === 50, { describe: 'all messages' });
      assert.deepEqual(writes, [50 * HEADER_BYTES]);
      link.send(cancel(51));
      link.flush();
      assert.equal(writes.length, 2);
    });

    test('end sends what was queued, drops what comes after, and closes both ends once', async (t) => {
      const [near, far] = await pair(t);
      const primary = primaryEnd(near);
      const worker = workerEnd(far);
      const bytes = Buffer.alloc(MAX_BODY_FRAME_BYTES, 1);
      for (let task = 0; task < 40; task += 1) primary.link.send({ type: 'Body', task, bytes });
      primary.link.end();
      for (let task = 40; task < 50; task += 1) primary.link.send({ type: 'Body', task, bytes });
      primary.link.flush();
      primary.link.end();
      assert.deepEqual(await Promise.all([primary.closed(), worker.closed()]), [undefined, undefined]);
      assert.deepEqual(
        worker.received.map((message) => ('task' in message ? message.task : -1)),
        Array.from({ length: 40 }, (_, task) => task),
      );
      assert.ok(primary.link.isClosed && worker.link.isClosed);
      await nextTurn();
      assert.deepEqual([primary.closes.length, worker.closes.length], [1, 1]);
    });

    test('destroy closes both ends once, and its owner hears nothing more', async (t) => {
      const [near, far] = await pair(t);
      const primary = primaryEnd(near);
      // The second message arrives in the same piece as the first.
      const worker = workerEnd(far, { onMessage: () => worker.link.destroy() });
      primary.link.send(cancel(1));
      primary.link.send(cancel(2));
      assert.deepEqual(await Promise.all([primary.closed(), worker.closed()]), [undefined, undefined]);
      assert.deepEqual(worker.received, [cancel(1)]);
      worker.link.destroy();
      primary.link.destroy();
      await nextTurn();
      assert.deepEqual([primary.closes.length, worker.closes.length], [1, 1]);
    });

    test('a message after the close is dropped', async (t) => {
      const [near, far] = await pair(t);
      const { transport, writes } = recorded(near);
      const primary = primaryEnd(transport);
      const worker = workerEnd(far);
      primary.link.destroy();
      assert.ok(primary.link.isClosed);
      primary.link.send(cancel(1));
      await primary.closed();
      primary.link.send(cancel(2));
      primary.link.flush();
      primary.link.end();
      await nextTurn();
      await worker.closed();
      assert.deepEqual([writes, worker.received], [[], []]);
    });

    for (const [what, bytes] of [
      ['garbage', Buffer.alloc(64, 0xff)],
      ['a frame that is too long', tooLong()],
      ['a message of the other direction', Buffer.from([0, 0, 0, 0, 36, 1, 0, 0, 0])],
      ['an unknown type', Buffer.from([0, 0, 0, 0, 255, 1, 0, 0, 0])],
    ] as const) {
      test(`${what} closes the link with a ProtocolError, and nothing after it is read`, async (t) => {
        const [near, far] = await pair(t);
        const worker = workerEnd(far);
        const good = Buffer.from([0, 0, 0, 0, 3, 9, 0, 0, 0]);
        let hasClosed = false;
        near.listen(
          () => {},
          () => (hasClosed = true),
        );
        near.write(Buffer.concat([good, bytes, good]));
        near.write(good);
        assert.ok((await worker.closed()) instanceof ProtocolError);
        assert.deepEqual(worker.received, [cancel(9)]);
        await until(() => hasClosed, { describe: 'the other end to learn it' });
        assert.equal(worker.closes.length, 1);
      });
    }

    test('more than the limit in one turn closes the link with a ProtocolError', async (t) => {
      const [near, far] = await pair(t);
      const primary = primaryEnd(near);
      const worker = workerEnd(far);
      const bytes = Buffer.alloc(MAX_BODY_FRAME_BYTES);
      const fits = Math.floor(LIMIT_BYTES / (HEADER_BYTES + bytes.length));
      for (let count = 0; count < fits; count += 1) primary.link.send({ type: 'Body', task: 1, bytes });
      assert.equal(primary.link.isClosed, false);
      primary.link.send({ type: 'Body', task: 1, bytes });
      assert.equal(primary.link.isClosed, true);
      assert.match((await primary.closed())?.message ?? '', /bytes wait for a peer that does not read/);
      assert.equal(await worker.closed(), undefined);
      assert.deepEqual(worker.received, []);
    });

    test('an error of its owner is no ProtocolError, and is not swallowed', async (t) => {
      stayAlive(t);
      const [near, far] = await pair(t);
      const primary = primaryEnd(near);
      const seen: unknown[] = [];
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => seen.push(error));
      t.after(() => {
        process.removeAllListeners('uncaughtException');
        for (const other of others) process.on('uncaughtException', other);
      });
      const failure = new RangeError('of the owner');
      workerEnd(far, {
        onMessage: () => {
          throw failure;
        },
      });
      primary.link.send(cancel(1));
      await until(() => seen.length > 0, { describe: 'the uncaught exception' });
      assert.deepEqual(seen, [failure]);
    });
  });
}

test('a peer that does not read loses its socket when more than the limit waits for it', async (t) => {
  const [near] = await TRANSPORTS.socket(t);
  const primary = primaryEnd(near);
  const bytes = Buffer.alloc(MAX_BODY_FRAME_BYTES);
  // The kernel takes some before the rest waits here: so much that it can not be the kernel's any more.
  const mostFrames = (4 * LIMIT_BYTES) / bytes.length;
  let frames = 0;
  while (!primary.link.isClosed && frames < mostFrames) {
    primary.link.send({ type: 'Body', task: 1, bytes });
    frames += 1;
    if (frames % 16 === 0) await nextTurn();
  }
  assert.ok(frames < mostFrames, 'the link buffers without bound');
  assert.ok(frames * bytes.length > LIMIT_BYTES - MAX_PAYLOAD_BYTES);
  assert.ok((await primary.closed()) instanceof ProtocolError);
});

function tooLong(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES, 0);
  header.writeUInt32LE(MAX_PAYLOAD_BYTES + 1, 0);
  header.writeUInt8(3, 4);
  return header;
}
