import type { Settings } from '../config/settings.ts';
import type { Bounds, Policy } from '../scheduler/types.ts';

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
    queuePatienceMs: settings.queuePatienceMs,
    queueTimeoutMs: settings.queueTimeoutMs,
    idleTimeoutMs: settings.idleTimeoutMs,
    cancelGraceMs: CANCEL_GRACE_MS,
    maxRequests: settings.maxRequests,
  };
}

/** The bounds for another number of workers. In mode fork, without `reuse`, tasks come and go with them: there only the most is set. */
export function boundsFor({ min, spares }: Settings, reuse: boolean, workers: number): Bounds {
  return { min: reuse ? workers : Math.min(min, workers), max: workers, spares: Math.min(spares, workers) };
}

/** @param capacity how many there is room for */
export function scaleSentence({ memoryBytes }: Settings, reuse: boolean, workers: number, capacity: number): string {
  const number = `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const scaled = reuse ? `${number} from now on` : `at most ${number} at once from now on`;
  if (capacity >= workers) return scaled;
  const megabytes = Math.round(memoryBytes / 2 ** 20);
  return `${scaled}, but --memory (${megabytes} MB) has room for ${capacity} of them: the rest boots when there is more`;
}
