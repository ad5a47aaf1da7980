import type { Settings } from '../config/settings.ts';
import type { Policy } from '../scheduler/types.ts';

/** A cancelled task has this long to end by itself; then its process ends. */
const CANCEL_GRACE_MS = 500;

/** Expected run time, ms, up to which brief tasks are sent to a busy worker: enough that it never waits for the channel. */
const AHEAD_MS = 4;

/** The scheduler's policy from the user's settings. `reuse` is what tells mode fork from the others. */
export function policyOf(settings: Settings, reuse: boolean): Policy {
  return {
    min: settings.min,
    max: settings.max,
    spares: settings.spares,
    cpus: settings.cpus,
    memoryBytes: settings.memoryBytes,
    reuse,
    concurrency: reuse ? settings.concurrency : 1,
    aheadMs: reuse ? AHEAD_MS : 0,
    quantumMs: settings.quantumMs,
    queueLimit: settings.queueLimit,
    queueTimeoutMs: settings.queueTimeoutMs,
    idleTimeoutMs: settings.idleTimeoutMs,
    cancelGraceMs: CANCEL_GRACE_MS,
    maxRequests: settings.maxRequests,
  };
}
