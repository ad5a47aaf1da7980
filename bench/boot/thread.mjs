/** A worker thread, from its start until it has loaded the handler and says so. */
import { Worker } from 'node:worker_threads';
import { timed } from './timed.mjs';

const CHILD = new URL('thread-child.mjs', import.meta.url);

export async function start(entry) {
  return {
    boot: () =>
      timed(
        (ready, fail) => new Worker(CHILD, { argv: [entry] }).once('message', ready).once('error', fail),
        (worker) => worker.terminate(),
      ),
  };
}
