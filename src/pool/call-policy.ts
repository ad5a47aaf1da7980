import type { HandlerConfig } from '../channel/messages.ts';
import { badOption } from '../config/bad-option.ts';
import type { Policy } from '../scheduler/types.ts';
import type { PoolSettings } from './pool-options.ts';

/** A cancelled call has this long to end by itself; then its worker ends. */
const CANCEL_GRACE_MS = 500;
/** One that computes for so long hears of nothing: it is in a loop, or as good as. */
const DEAF_GRACE_MS = 30;
/** Expected run time, ms, up to which brief calls are sent to a busy worker: enough that it never waits for the channel. */
const AHEAD_MS = 4;
const QUANTUM_MS = 50;

/**
 * Whoever calls a function waits for all of its calls alike, so that long ones may have every worker: none is reserved for short ones.
 * Else the rules are those of the server.
 */
export function callPolicy(settings: PoolSettings): Policy {
  const reuse = settings.isolation !== 'fresh';
  return {
    min: settings.min,
    max: settings.max,
    spares: settings.spares,
    reserved: 0,
    cpus: settings.cpus,
    memoryBytes: settings.memoryBytes,
    reuse,
    concurrency: reuse ? settings.concurrency : 1,
    aheadMs: reuse ? AHEAD_MS : 0,
    quantumMs: QUANTUM_MS,
    queueLimit: settings.queueLimit,
    queueBeyondWorkers: true,
    queueTimeoutMs: settings.queueTimeoutMs,
    idleTimeoutMs: settings.idleTimeoutMs,
    cancelGraceMs: CANCEL_GRACE_MS,
    deafGraceMs: DEAF_GRACE_MS,
    maxRequests: settings.maxTasks,
  };
}

/**
 * What the module says of all of its calls.
 *
 * @throws PreforkError ERR_BAD_OPTION for what can be said of requests alone
 */
export function idempotenceOf({ idempotent }: HandlerConfig): boolean | undefined {
  if (idempotent === undefined || typeof idempotent === 'boolean') return idempotent;
  throw badOption("the module's config.idempotent", idempotent, 'true or false: calls have no methods');
}
