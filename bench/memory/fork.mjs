/** child_process.fork: processes that have loaded the work and wait for messages, as written by hand. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export async function start(workers) {
  const children = Array.from({ length: workers }, () => fork(new URL('fork-child.mjs', import.meta.url)));
  let next = 0;
  return {
    async run(ms) {
      const child = children[next % workers];
      next += 1;
      child.send(ms);
      const [pid] = await once(child, 'message');
      return pid;
    },
  };
}
