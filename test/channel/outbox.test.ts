import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { FrameDecoder, HEADER_BYTES } from '../../src/channel/frame.ts';
import { Outbox } from '../../src/channel/outbox.ts';
import type { Transport } from '../../src/channel/transport.ts';
import { until } from '../support/until.ts';
import { holdsInTime } from './holds.ts';
import { anyFrame, type TestFrame } from './pieces.ts';
import { recorded, TRANSPORTS } from './transports.ts';

const small = (task: number): TestFrame => ({ type: 4, task, payload: Buffer.from(`payload ${task}`) });

function collect(transport: Transport): TestFrame[] {
  const seen: TestFrame[] = [];
  const decoder = new FrameDecoder((type, task, payload) => seen.push({ type, task, payload: Buffer.from(payload) }));
  transport.listen(
    (bytes) => decoder.push(bytes),
    () => {},
  );
  return seen;
}

for (const [name, pair] of Object.entries(TRANSPORTS)) {
  suite(`outbox over a ${name}`, () => {
    test('gathers the frames of one turn of the event loop into one write', async (t) => {
      const [near, far] = await pair(t);
      const { transport, writes } = recorded(near);
      const outbox = new Outbox(transport);
      const seen = collect(far);
      const sent = Array.from({ length: 100 }, (_, task) => small(task));
      for (const { type, task, payload } of sent) outbox.add(type, task, payload);
      assert.deepEqual(writes, [], 'nothing is written before the turn ends');
      await nextTurn();
      assert.deepEqual(writes, [sent.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0)]);
      await until(() => seen.length === sent.length, { describe: 'all frames' });
      assert.deepEqual(seen, sent);
    });

    test('writes once in each of several turns, and not at all in an idle one', async (t) => {
      const [near, far] = await pair(t);
      const { transport, writes } = recorded(near);
      const outbox = new Outbox(transport);
      collect(far);
      for (let turn = 1; turn <= 5; turn += 1) {
        outbox.add(1, turn, Buffer.from('a'));
        outbox.add(1, turn, Buffer.from('b'));
        await nextTurn();
        assert.equal(writes.length, turn);
        await nextTurn();
        assert.equal(writes.length, turn);
      }
    });

    test('flush writes at once, and leaves nothing for the end of the turn', async (t) => {
      const [near, far] = await pair(t);
      const { transport, writes } = recorded(near);
      const outbox = new Outbox(transport);
      collect(far);
      outbox.flush();
      assert.equal(writes.length, 0);
      outbox.add(1, 1, Buffer.from('now'));
      assert.equal(outbox.pendingBytes - transport.bufferedBytes, HEADER_BYTES + 3);
      outbox.flush();
      assert.deepEqual(writes, [HEADER_BYTES + 3]);
      assert.equal(outbox.pendingBytes, transport.bufferedBytes);
      await nextTurn();
      assert.equal(writes.length, 1);
    });

    test('passes a large payload on without a copy, in a write of its own', async (t) => {
      const [near, far] = await pair(t);
      const { transport, writes } = recorded(near);
      const outbox = new Outbox(transport);
      const seen = collect(far);
      const frames = [small(1), { type: 16, task: 2, payload: Buffer.alloc(64 * 1024, 7) }, small(3)];
      for (const { type, task, payload } of frames) outbox.add(type, task, payload);
      await nextTurn();
      const smallBytes = HEADER_BYTES + small(1).payload.length;
      assert.deepEqual(writes, [smallBytes + HEADER_BYTES, 64 * 1024, smallBytes]);
      await until(() => seen.length === frames.length, { describe: 'all frames' });
      assert.deepEqual(seen, frames);
    });

    test('keeps the order of any frames over any turns', async (t) => {
      const [near, far] = await pair(t);
      const outbox = new Outbox(near);
      const seen = collect(far);
      await holdsInTime(
        fc.asyncProperty(
          fc.array(fc.tuple(anyFrame, fc.constantFrom('same turn', 'flush', 'next turn')), { maxLength: 12 }),
          async (steps) => {
            seen.length = 0;
            for (const [{ type, task, payload }, then] of steps) {
              outbox.add(type, task, payload);
              if (then === 'flush') outbox.flush();
              if (then === 'next turn') await nextTurn();
            }
            await until(() => seen.length === steps.length, { describe: 'all frames' });
            assert.deepEqual(
              seen,
              steps.map(([frame]) => frame),
            );
          },
        ),
        100,
      );
    });
  });
}
