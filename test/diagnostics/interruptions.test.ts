import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Interruptions } from '../../src/channel/interruptions.ts';
import { until } from '../support/until.ts';

test('what interrupts is taken up in order, when the code that was interrupted is done', async () => {
  const interruptions = new Interruptions();
  const done: string[] = [];
  interruptions.keep(() => {
    done.push('first');
    interruptions.keep(() => done.push('third'));
  });
  interruptions.keep(() => done.push('second'));
  assert.deepEqual(done, []);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(done, ['first', 'second', 'third']);
});

/** Stops its main thread, and computes until that has told so, or would have. */
const WATCHER = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData).then(async ({ inspectMainThread }) => {
    const thread = inspectMainThread(false);
    let computes = false;
    // It stays, as a watchdog does for its sockets; a session alone keeps nobody.
    setInterval(() => {}, 60_000);
    thread.on('Debugger.paused', () => {
      const meanwhile = computes;
      thread.post('Debugger.resume').then(() => {
        thread.disconnect();
        parentPort.postMessage({ meanwhile });
      });
    });
    parentPort.once('message', () => {
      thread.post('Debugger.pause');
      computes = true;
      for (const endMs = performance.now() + 500; performance.now() < endMs;);
      computes = false;
    });
    await thread.post('Debugger.enable');
    parentPort.postMessage('ready');
  });
`;

test('a watchdog takes up what it hears of its main thread between two pieces of its own code', { timeout: 60_000 }, async () => {
  const watcher = new Worker(WATCHER, {
    eval: true,
    workerData: new URL('../../src/worker/main-thread.js', import.meta.url).href,
  });
  await once(watcher, 'message');
  let told: unknown;
  watcher.once('message', (message: unknown) => {
    told = message;
  });
  watcher.postMessage('stop me');
  // It can be stopped only where it computes.
  await until(
    () => {
      for (const endMs = performance.now() + 5; performance.now() < endMs;);
      return told !== undefined;
    },
    { describe: 'the watchdog to have stopped this thread', withinMs: 30_000 },
  );
  assert.deepEqual(told, { meanwhile: false });
  await watcher.terminate();
});
