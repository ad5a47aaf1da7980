import type { Settings } from '../config/settings.ts';
import type { Policy } from '../scheduler/types.ts';

/** A task that outlives this is no short one any more: it counts as long, and a free worker is put beside it. */
const QUANTUM_MS = 50;
/** A cancelled task has this long to end by itself; then its process ends. */
const CANCEL_GRACE_MS = 500;
/** Boots compete for CPU with the tasks that they are for: two at a time keep the queue moving on the smallest machine. */
const BOOTS_AT_ONCE = 2;

/** The scheduler's policy from the user's settings. `reuse` is what tells mode fork from the others. */
export function policyOf(settings: Settings, reuse: boolean): Policy {
  return {
    min: settings.min,
    max: settings.max,
    spares: settings.spares,
    reuse,
    bootsAtOnce: BOOTS_AT_ONCE,
    quantumMs: QUANTUM_MS,
    queueLimit: settings.queueLimit,
    queueTimeoutMs: settings.queueTimeoutMs,
    idleTimeoutMs: settings.idleTimeoutMs,
    cancelGraceMs: CANCEL_GRACE_MS,
    maxRequests: settings.maxRequests,
  };
}
