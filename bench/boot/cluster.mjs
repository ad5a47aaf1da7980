/** node:cluster: a worker, from its fork until it listens. */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { timed } from './timed.mjs';

export async function start(entry) {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('cluster-child.mjs', import.meta.url)), args: [entry] });
  return {
    boot: () =>
      timed(
        (ready, fail) => cluster.fork().once('listening', ready).once('error', fail).once('exit', fail),
        (worker) => {
          const ended = once(worker, 'exit');
          worker.process.kill('SIGKILL');
          return ended;
        },
      ),
  };
}
