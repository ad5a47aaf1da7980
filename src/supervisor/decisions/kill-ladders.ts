import type { KillLadder, KillReason } from './life.ts';

/**
 * How long the handler's own SIGTERM listeners have before SIGKILL. A worker that is late, that nobody waits for, or that
 * is in doubt gets little or nothing.
 */
export const KILL_LADDERS: Record<KillReason, KillLadder> = {
  cancelled: { termMs: 200 },
  deadline: { termMs: 200 },
  requeued: { termMs: 200 },
  memory: { termMs: 200 },
  silent: { termMs: 0 },
  deaf: { termMs: 0 },
  protocol: { termMs: 0 },
  bootTimeout: { termMs: 0 },
  bootFailed: { termMs: 1000 },
  drainTimeout: { termMs: 1000 },
  operator: { termMs: 0 },
  unneeded: { termMs: 0 },
  shutdown: { termMs: 0 },
};
