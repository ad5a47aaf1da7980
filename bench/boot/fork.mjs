/** child_process.fork of a program that loads the handler and says so. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { timed } from './timed.mjs';

const CHILD = new URL('child.mjs', import.meta.url);

export async function start(entry) {
  return {
    boot: () =>
      timed(
        (ready, fail) => fork(CHILD, [entry]).once('message', ready).once('error', fail).once('exit', fail),
        (child) => {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          return ended;
        },
      ),
  };
}
