import type { Socket } from 'node:net';

/** Time for the watchdog of a worker to end it and its children from inside, before we end it from outside. */
const WATCHDOG_MS = 200;

/**
 * Closes the control socket of a worker, which makes its watchdog end the whole tree of processes below it: it also finds
 * those that left the process group (setsid), which no signal of ours reaches. A worker whose watchdog does not do it, since
 * it still boots or is stuck, is left to `kill` after a moment. The timer is to be cleared when the worker is gone.
 */
export function killFromInside(pid: number, control: Socket, kill: () => void): NodeJS.Timeout {
  control.destroy();
  wake(pid);
  return setTimeout(kill, WATCHDOG_MS);
}

/** The watchdog of a worker that is stopped can do nothing. Windows stops no process, and has no such signal. */
function wake(pid: number): void {
  if (process.platform === 'win32') return;
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has just ended.
  }
}
