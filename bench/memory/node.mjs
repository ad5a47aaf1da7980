/** No pool: bare Node processes that do nothing. */
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

export async function start(workers) {
  for (let index = 0; index < workers; index += 1)
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  return { run: (ms) => wait(ms) };
}
