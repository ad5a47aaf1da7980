/** Keeps two processes from installing or building the same thing at once, as two test files can ask for it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Runs an action while nobody else runs one under the same lock, and waits for that.
 *
 * @param lock path of a file
 * @param action synchronous
 * @param waitMs how long to wait at most
 * @throws Error when it is held for longer, and what the action throws
 */
export function withLock(lock, action, waitMs) {
  const untilMs = Date.now() + waitMs;
  while (!take(lock)) {
    if (Date.now() > untilMs)
      throw new Error(`found ${lock} held by another process for ${waitMs / 1000} s; end it, remove the file and try again`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    return action();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** The file holds the pid of its owner, so that the lock of one that was killed does not keep out the next one. */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // An empty file is one whose owner is just writing it; 0 would ask about our own group and find it alive.
    process.kill(owner, 0);
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}
