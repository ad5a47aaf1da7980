/** child_process.fork when the task comes, as tutorials do it. */
import { fork } from 'node:child_process';

const CHILD = new URL('fork-child.mjs', import.meta.url);

export async function start() {
  return {
    run: (number) =>
      new Promise((resolve, reject) => {
        const child = fork(CHILD);
        child.once('message', resolve);
        child.once('error', reject);
        child.once('exit', () => reject(new Error('the child ended without a result')));
        child.send(number);
      }),
  };
}
