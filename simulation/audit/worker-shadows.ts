import { EXTRA } from '../../src/scheduler/rollout.ts';
import type { Policy } from '../../src/scheduler/types.ts';
import { must } from './violation.ts';

/**
 * What a worker is to the others: `free` for any task; in the `short` lane, and free before long; in the `long` lane, or apart with connections; on it a task
 * `overstays`; `blocked`, since its event loop does not turn, while it holds tasks, or `stuck` without any; `starting`; `leaving`; on `trial`, with
 * code that is not in force.
 */
export type Standing = 'trial' | 'starting' | 'free' | 'short' | 'long' | 'overstays' | 'blocked' | 'stuck' | 'leaving';

export interface WorkerShadow {
  readonly id: number;
  readonly generation: number;
  phase: 'trial' | 'starting' | 'ready' | 'withdrawn';
  /** Somebody wants it replaced. */
  isUnwanted: boolean;
  readonly held: Set<number>;
  /** Those of its tasks that are connections, which are not among the others. */
  readonly connections: Set<number>;
  lane: 'short' | 'long';
  /** Tasks that overstay on it. */
  readonly overstaying: Set<number>;
  blocked: boolean;
  /** It was asked whether its event loop turns, and is blocked when it has not answered by then. */
  probeDueMs: number | undefined;
  sunk: boolean;
  served: number;
  /** When its main thread last gave a sign, or got something to do. */
  heardMs: number;
  memoryBytes: number;
  standing: Standing;
  /** Whether it takes a place of the long lane. */
  takesLongLane: boolean;
}

/** Reckoned for one of which nobody knows: `worker-table.ts` says the same. */
const UNKNOWN_BYTES = 64 * 2 ** 20;
const ROUNDING_MS = 1e-3;

/** The workers by what the scheduler was told of them and what it ordered. */
export class WorkerShadows {
  readonly counts: Record<Standing, number> = {
    trial: 0,
    starting: 0,
    free: 0,
    short: 0,
    long: 0,
    overstays: 0,
    blocked: 0,
    stuck: 0,
    leaving: 0,
  };
  /** The code in force. */
  generation = 1;
  /** Workers that booted while others were to be replaced, and for which none of these has gone. */
  arrived = 0;
  readonly #policy: Policy;
  readonly #workers = new Map<number, WorkerShadow>();
  #measured = 0;
  #memoryBytes = 0;
  #long = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  get aliveCount(): number {
    return this.#workers.size;
  }

  /** Ready and not in the long lane: those that serve short tasks, or could. */
  get hotCount(): number {
    const { free, short, overstays, blocked } = this.counts;
    return free + short + overstays + blocked;
  }

  /** How many workers `max` and the memory allow, those that live included. */
  get capacity(): number {
    const { max, memoryBytes } = this.#policy;
    if (memoryBytes === 0) return max;
    const eachBytes = this.#measured === 0 ? UNKNOWN_BYTES : this.#memoryBytes / this.#measured;
    const freeBytes = memoryBytes - this.#memoryBytes - (this.aliveCount - this.#measured) * eachBytes;
    return Math.min(max, Math.max(1, this.aliveCount + Math.floor(freeBytes / eachBytes)));
  }

  get reserved(): number {
    const { cpus, reserved = Math.ceil(cpus) } = this.#policy;
    return Math.max(0, Math.min(reserved, this.capacity - 1));
  }

  get longLaneHasRoom(): boolean {
    return this.#long < this.capacity - this.reserved;
  }

  /** How full the long lane is, in words. */
  get longLane(): string {
    return `the long lane has ${this.#long} of ${this.capacity} workers, and ${this.reserved} are reserved`;
  }

  /** Alive, and neither on trial nor on the way out. */
  get usableCount(): number {
    return this.aliveCount - this.counts.trial - this.counts.leaving;
  }

  /** It is to be replaced. */
  isOutdated({ phase, generation, isUnwanted }: WorkerShadow): boolean {
    return phase === 'ready' && (generation !== this.generation || isUnwanted);
  }

  /** It may have had its last task. A worker may end after `maxRequests`, or a little later. */
  mayBeSpent({ served }: WorkerShadow): boolean {
    const { reuse, maxRequests } = this.#policy;
    return reuse ? maxRequests > 0 && served >= maxRequests : served > 0;
  }

  get isReplacing(): boolean {
    return this.some((worker) => this.isOutdated(worker));
  }

  /** One that holds connections serves nothing else, unless it is the only one that there can be. */
  get isAlone(): boolean {
    return this.#policy.reuse && this.#policy.max === 1;
  }

  /** Who is apart changes with `max`. */
  refileAll(): void {
    for (const worker of this.#workers.values()) if (worker.connections.size > 0) this.refile(worker);
  }

  /** Looks at all of them: not for every event. */
  some(isSo: (worker: WorkerShadow) => boolean): boolean {
    return [...this.#workers.values()].some(isSo);
  }

  find(id: number): WorkerShadow | undefined {
    return this.#workers.get(id);
  }

  get(id: number): WorkerShadow {
    const worker = this.#workers.get(id);
    must(worker !== undefined, () => `worker ${id} is not known, or gone`);
    return worker as WorkerShadow;
  }

  add(id: number, generation: number): void {
    const phase = generation === this.generation ? 'starting' : 'trial';
    const hasRoom = this.aliveCount < this.capacity;
    const isExtra = this.aliveCount < this.capacity + EXTRA && (phase === 'trial' || this.isReplacing);
    must(hasRoom || isExtra, () => `worker ${id} boots beside ${this.aliveCount}, with room for ${this.capacity}`);
    this.counts[phase] += 1;
    this.#workers.set(id, {
      id,
      generation,
      isUnwanted: false,
      phase,
      held: new Set(),
      connections: new Set(),
      lane: 'short',
      overstaying: new Set(),
      blocked: false,
      probeDueMs: undefined,
      sunk: false,
      served: 0,
      heardMs: 0,
      memoryBytes: 0,
      standing: phase,
      takesLongLane: false,
    });
  }

  measure(worker: WorkerShadow, memoryBytes: number): void {
    this.#measured += (memoryBytes > 0 ? 1 : 0) - (worker.memoryBytes > 0 ? 1 : 0);
    this.#memoryBytes += memoryBytes - worker.memoryBytes;
    worker.memoryBytes = memoryBytes;
  }

  remove(worker: WorkerShadow): void {
    this.measure(worker, 0);
    this.counts[worker.standing] -= 1;
    if (worker.takesLongLane) this.#long -= 1;
    this.#workers.delete(worker.id);
  }

  /** To be called after each change of what is known of it. */
  refile(worker: WorkerShadow): void {
    if (!this.#workers.has(worker.id)) return;
    this.counts[worker.standing] -= 1;
    worker.standing = standingOf(worker, this.isAlone);
    this.counts[worker.standing] += 1;
    const takesLongLane = isInLongLane(worker, this.isAlone);
    if (takesLongLane !== worker.takesLongLane) this.#long += takesLongLane ? 1 : -1;
    worker.takesLongLane = takesLongLane;
  }
}

/** With a long task, apart with connections, or kept by what a task left behind. */
function isInLongLane({ phase, lane, blocked, held, connections }: WorkerShadow, isAlone: boolean): boolean {
  if (phase !== 'ready') return false;
  return lane === 'long' || (blocked && held.size === 0) || (connections.size > 0 && !isAlone);
}

function standingOf({ phase, lane, blocked, sunk, held, connections, overstaying }: WorkerShadow, isAlone: boolean): Standing {
  if (phase === 'trial' || phase === 'starting') return phase;
  if (phase === 'withdrawn' || (sunk && held.size + connections.size === 0)) return 'leaving';
  if (lane === 'long') return 'long';
  if (blocked) return held.size === 0 ? 'stuck' : 'blocked';
  if (connections.size > 0 && !isAlone) return 'long';
  if (held.size === 0) return 'free';
  return overstaying.size > 0 ? 'overstays' : 'short';
}

/** Its event loop does not turn, as far as anybody was told, or it was asked whether it does and has not answered in time. */
export function isDeaf({ blocked, probeDueMs }: WorkerShadow, nowMs: number): boolean {
  return blocked || (probeDueMs !== undefined && probeDueMs <= nowMs + ROUNDING_MS);
}
