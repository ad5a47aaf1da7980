/** Tells apart what looks the same from outside: a worker that idles, one that computes, and one that hangs. Pure. */

/**
 * - `alive`: its event loop turns.
 * - `busy`: its event loop is blocked by the task it runs; its watchdog answers, so the process itself is well.
 * - `hung`: nothing in the process answers: it is stopped, swapping, or out of memory.
 */
export type Health = 'alive' | 'busy' | 'hung';

/** An event loop that has not turned for so long is busy. */
export const BUSY_AFTER_MS = 500;
/** A watchdog reports every 500 ms; ten reports missing in a row are no accident. */
export const HUNG_AFTER_MS = 5000;
export const DEMOTED_HUNG_AFTER_MS = 6 * HUNG_AFTER_MS;

export interface HealthFacts {
  readonly kind: 'process' | 'thread';
  readonly lastHeartbeatMs: number;
  /** When its main thread last sent anything: its event loop turned then, whatever a heartbeat says of the time before. */
  readonly lastWordMs: number;
  readonly eventLoopDelayMs: number;
  /** Its priority was lowered, that of its watchdog with it: on a crowded machine neither gets to run for a while. */
  readonly demoted: boolean;
}

export function healthOf(facts: HealthFacts, nowMs: number): Health {
  const { kind, lastHeartbeatMs, lastWordMs, eventLoopDelayMs } = facts;
  // A thread reports for itself, so its silence only says that it computes.
  if (kind === 'thread') return nowMs - Math.max(lastHeartbeatMs, lastWordMs) >= 2 * BUSY_AFTER_MS ? 'busy' : 'alive';
  const silentMs = nowMs - lastHeartbeatMs;
  if (silentMs >= (facts.demoted ? DEMOTED_HUNG_AFTER_MS : HUNG_AFTER_MS)) return 'hung';
  return eventLoopDelayMs >= BUSY_AFTER_MS && lastWordMs <= lastHeartbeatMs - eventLoopDelayMs ? 'busy' : 'alive';
}
