import { clearTimeout, setTimeout } from 'node:timers';
import type { Socket } from 'node:net';
import type { Sentinel } from './sentinel.ts';

/** Time for the watchdog of a worker to end it and its children from inside, before that is done from outside. */
const WATCHDOG_MS = 200;
/** Time for the sentinel after that. */
const SENTINEL_MS = 300;

export interface KillSteps {
  readonly control: Socket;
  readonly sentinel: Sentinel;
  /** The last step: ends the process alone, or with its group. */
  readonly kill: () => void;
}

/**
 * Closes the control socket of a worker, which makes its watchdog end the whole tree of processes below it: it also finds
 * those that left the process group (setsid), which no signal of ours reaches. A worker whose watchdog does not do it, since
 * it still boots, is stuck, or gets no CPU, is ended by the sentinel in the same way, and should there be none, by `kill`.
 *
 * @returns what is to be called when the worker is gone
 */
export function killFromInside(pid: number, { control, sentinel, kill }: KillSteps): () => void {
  control.destroy();
  wake(pid);
  const timers = [setTimeout(() => sentinel.end(pid), WATCHDOG_MS), setTimeout(kill, WATCHDOG_MS + SENTINEL_MS)];
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
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
