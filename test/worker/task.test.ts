import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { MAX_BODY_FRAME_BYTES } from '../../src/channel/frame.ts';
import { ANSWER_WINDOW_BYTES, type FromWorker, type ToWorker } from '../../src/channel/messages.ts';
import { ReceiveWindow } from '../../src/channel/window.ts';
import type { NodeHandler } from '../../src/worker/handler-kinds.ts';
import { Task } from '../../src/worker/task.ts';
import { type End, primaryEnd, workerEnd } from '../channel/ends.ts';
import { TRANSPORTS } from '../channel/transports.ts';
import { until } from '../support/until.ts';
import { HEAD } from './request-head.ts';

interface Rig {
  /** The end of the primary: what the task has said so far. */
  readonly primary: End<FromWorker, ToWorker>;
  readonly bodyBytes: () => number;
  readonly has: (type: FromWorker['type']) => boolean;
}

/** Runs one task over a real socket pair; `onBody` is what the primary does with each piece of the answer. */
async function run(
  t: TestContext,
  handle: NodeHandler,
  onBody: (bytes: Buffer, primary: End<FromWorker, ToWorker>) => void,
): Promise<Rig> {
  const [near, far] = await TRANSPORTS.socket(t);
  const primary = primaryEnd(near, {
    onMessage: (message) => {
      if (message.type === 'Body') onBody(message.bytes, primary);
    },
  });
  const worker = workerEnd(far, {
    onMessage: (message) => {
      if (message.type === 'Credit') task.addCredit(message.bytes);
      if (message.type === 'CancelTask') task.cancel();
    },
  });
  const task = new Task(1, HEAD, worker.link, () => {});
  void task.run(handle);
  return {
    primary,
    bodyBytes: () => primary.received.reduce((sum, message) => sum + (message.type === 'Body' ? message.bytes.length : 0), 0),
    has: (type) => primary.received.some((message) => message.type === type),
  };
}

/** Consumes each piece at once. */
function consuming(): (bytes: Buffer, primary: End<FromWorker, ToWorker>) => void {
  const window = new ReceiveWindow();
  return ({ length }, primary) => {
    assert.ok(window.receive(length), 'the task sent more than the window');
    const credit = window.consume(length);
    if (credit > 0) primary.link.send({ type: 'Credit', task: 1, bytes: credit });
  };
}

const LARGE_BYTES = 24 * 1024 * 1024;

suite('a task whose handler writes far more than the window at once', () => {
  test('sends no more than a window and a piece before it gets credit', async (t) => {
    const { bodyBytes, has, primary } = await run(
      t,
      (_request, response) => void response.end(Buffer.alloc(LARGE_BYTES)),
      () => {},
    );
    await until(() => bodyBytes() >= ANSWER_WINDOW_BYTES, { describe: () => `a window of the body, ${bodyBytes()} bytes came` });
    assert.ok(bodyBytes() < ANSWER_WINDOW_BYTES + MAX_BODY_FRAME_BYTES);
    primary.link.send({ type: 'Credit', task: 1, bytes: 1 });
    await until(() => bodyBytes() > ANSWER_WINDOW_BYTES, { describe: 'one more piece' });
    assert.ok(bodyBytes() <= ANSWER_WINDOW_BYTES + MAX_BODY_FRAME_BYTES);
    assert.equal(has('BodyEnd'), false);
    assert.deepEqual(primary.closes, []);
  });

  for (const [how, handle] of [
    ['in one buffer', (_request, response) => void response.end(Buffer.alloc(LARGE_BYTES, 'x'))],
    ['in one string', (_request, response) => void response.end('x'.repeat(LARGE_BYTES))],
    [
      'in many writes that never wait',
      (_request, response) => {
        for (let count = 0; count < 24; count += 1) response.write(Buffer.alloc(LARGE_BYTES / 24, 'x'));
        response.end();
      },
    ],
  ] as const satisfies readonly (readonly [string, NodeHandler])[]) {
    test(`gets all of it through, ${how}, byte for byte`, async (t) => {
      let wrongBytes = 0;
      const consume = consuming();
      const { bodyBytes, has, primary } = await run(t, handle, (bytes, end) => {
        if (bytes.some((byte) => byte !== 120)) wrongBytes += 1;
        consume(bytes, end);
      });
      await until(() => has('TaskFinished'), {
        describe: () => `the end of the task, ${bodyBytes()} bytes came`,
        withinMs: 60_000,
      });
      assert.deepEqual([bodyBytes(), wrongBytes, primary.closes], [LARGE_BYTES, 0, []]);
      const types = primary.received.map((message) => message.type).filter((type) => type !== 'Body');
      assert.deepEqual(types, ['ResponseHead', 'BodyEnd', 'TaskFinished']);
    });
  }

  test('ends when it is cancelled while it waits for credit', async (t) => {
    let hasClosed = false;
    const { bodyBytes, has, primary } = await run(
      t,
      (_request, response) => {
        response.once('close', () => (hasClosed = true));
        response.end(Buffer.alloc(LARGE_BYTES));
      },
      () => {},
    );
    await until(() => bodyBytes() >= ANSWER_WINDOW_BYTES, { describe: 'a window of the body' });
    primary.link.send({ type: 'CancelTask', task: 1 });
    await until(() => has('TaskFinished') && hasClosed, { describe: 'the end of the task' });
    const before = bodyBytes();
    primary.link.send({ type: 'Credit', task: 1, bytes: ANSWER_WINDOW_BYTES });
    primary.link.end();
    await primary.closed();
    assert.equal(bodyBytes(), before);
    assert.equal(has('BodyEnd'), false);
  });
});
