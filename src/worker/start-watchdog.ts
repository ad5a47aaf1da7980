import process from 'node:process';
import { Worker } from 'node:worker_threads';
import type { Claims } from '../channel/claims.ts';
import { killChildren } from './kill-tree.ts';
import { Pulse } from './pulse.ts';

export interface WatchdogOptions {
  /** How often the watchdog looks, ms. It reports every 500 ms. */
  readonly tickMs: number;
  /** Where tasks can be taken back from the main thread. Mode cluster has none: nobody sends its workers tasks. */
  readonly claims?: Claims;
  /** Mode cluster: the memory of a `TaskBoard`, to be reported with each heartbeat. */
  readonly tasks?: SharedArrayBuffer;
}

/**
 * Starts the watchdog of this process and answers its pings. It boots while the main thread loads the handler. It needs 9 MB, and a process
 * that has nothing to load listens 8 ms later for it (`npm run bench -- diagnose`).
 */
export function startWatchdog(options: WatchdogOptions): Pulse {
  const pulse = new Pulse();
  const watchdog = new Worker(new URL('watchdog.cjs', import.meta.url), {
    workerData: { memory: pulse.memory, claims: options.claims?.memory, tasks: options.tasks, tickMs: options.tickMs },
    execArgv: [],
    // The watchdog runs no user code and prints nothing: it needs no copy of the environment.
    env: {},
  });
  watchdog.on('message', () => pulse.pong());
  // A worker without a watchdog could outlive the primary or hang unseen: it must not serve.
  watchdog.on('error', (error) => {
    process.stderr.write(`the watchdog failed: ${error.message}\n`);
    process.exit(70);
  });
  watchdog.unref();
  // An end by our own will leaves no time for the watchdog: in a moment nobody can find the children of this process.
  process.once('exit', killChildren);
  return pulse;
}
