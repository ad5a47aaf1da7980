/** No pool: child_process.fork and process.send, tasks dealt out in turns, which is what people write by hand. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export async function start(workers) {
  const open = new Map();
  let last = 0;
  const children = Array.from({ length: workers }, () =>
    fork(new URL('worker.mjs', import.meta.url), { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  for (const child of children) {
    await once(child, 'message');
    child.on('message', ({ id, result }) => {
      open.get(id)(result);
      open.delete(id);
    });
  }
  return {
    run(name, argument) {
      return new Promise((resolve) => {
        last += 1;
        open.set(last, resolve);
        children[last % workers].send({ id: last, name, argument });
      });
    },
    end() {
      for (const child of children) child.kill();
    },
  };
}
