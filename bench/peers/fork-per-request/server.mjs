/** A process for each request, forked when the request comes, as tutorials do it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { listen } from '../listen.mjs';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));

listen(
  (number) =>
    new Promise((resolve, reject) => {
      const worker = fork(child);
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the child ended without an answer')));
      worker.send(number);
    }),
);
