/** node -e 0: from the spawn to the exit. */
import { spawn } from 'node:child_process';
import { timed } from './timed.mjs';

export async function start() {
  return {
    boot: () =>
      timed(
        (ready, fail) => spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }).once('exit', ready).once('error', fail),
        () => {},
      ),
  };
}
