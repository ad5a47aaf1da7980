/**
 * Loaded by `--import` into a server that `spawn-server.ts` starts: it ends the server when its parent is gone. The sentinel does that from
 * outside, and to one that computes as well; but the parent may be killed before it could tell the sentinel of a server that it has just started.
 * Workers get neither the flag nor the descriptor; threads get the flag.
 */
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** Where `spawn-server.ts` has put the other end of a pipe that it never writes to. */
const PARENT_FD = 3;

if (isMainThread) {
  const parent = new Socket({ fd: PARENT_FD });
  parent.on('error', () => {});
  parent.once('close', () => process.kill(process.pid, 'SIGKILL'));
  parent.resume();
  parent.unref();
}
