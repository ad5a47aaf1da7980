/** A bare Node and a thread in it, which is what a watchdog takes at least: from the spawn until both are up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { timed } from './timed.mjs';

const CHILD = fileURLToPath(new URL('node-with-thread-child.mjs', import.meta.url));

export async function start() {
  return {
    boot: () =>
      timed(
        (ready, fail) => {
          const child = spawn(process.execPath, [CHILD], { stdio: ['ignore', 'pipe', 'inherit'] }).once('error', fail);
          child.stdout.once('data', ready);
          return child;
        },
        (child) => {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          return ended;
        },
      ),
  };
}
