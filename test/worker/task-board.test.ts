import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { TaskBoard } from '../../src/worker/task-board.ts';

test('what one side writes the other one reads', () => {
  const board = new TaskBoard(4);
  const reader = new TaskBoard(0, board.memory);
  assert.equal(reader.readOldest(), null);
  board.counts.set([1, 2 ** 40, 0.5, 3]);
  assert.deepEqual(Array.from(reader.counts), [1, 2 ** 40, 0.5, 3]);
  board.setOldest({ task: 7, method: 'GET', url: '/a?b=ü', runMs: 1500 });
  const oldest = reader.readOldest();
  assert.deepEqual([oldest?.task, oldest?.method, oldest?.url], [7, 'GET', '/a?b=ü']);
  assert.ok((oldest?.runMs ?? 0) >= 1500);
  board.setOldest(undefined);
  assert.equal(reader.readOldest(), null);
});

test('what is too long is cut, never in the middle of a character', () => {
  const board = new TaskBoard(0);
  board.setOldest({ task: 1, method: 'M'.repeat(100), url: `/${'ü'.repeat(1000)}`, runMs: 0 });
  const oldest = board.readOldest();
  assert.equal(oldest?.method, 'M'.repeat(32));
  assert.match(oldest?.url ?? '', /^\/ü{255}$/);
});

test('a task that is read while another one is written is one of the two, never a mixture', { timeout: 60_000 }, async () => {
  const board = new TaskBoard(0);
  const url = new URL('../../src/worker/task-board.js', import.meta.url).href;
  const code = `
    import { parentPort, workerData } from 'node:worker_threads';
    const { TaskBoard } = await import(${JSON.stringify(url)});
    const board = new TaskBoard(0, workerData);
    parentPort.postMessage('writes');
    for (let task = 1; ; task = (task % 1000) + 1) board.setOldest({ task, method: 'M' + task, url: '/' + String(task).repeat(task % 40 + 1), runMs: 0 });
  `;
  const writer = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: board.memory });
  try {
    await once(writer, 'message');
    const seen = new Set<number>();
    let reads = 0;
    for (; seen.size < 100 || reads < 20_000; reads += 1) {
      const oldest = board.readOldest();
      if (oldest === null || oldest === undefined) continue;
      const { task, method, url: path } = oldest;
      assert.deepEqual([method, path], [`M${task}`, `/${String(task).repeat((task % 40) + 1)}`]);
      seen.add(task);
    }
  } finally {
    await writer.terminate();
  }
});
