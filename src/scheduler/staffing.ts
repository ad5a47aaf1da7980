import { BootRate } from './boot-rate.ts';
import type { Policy, RetireReason } from './types.ts';
import type { WorkerRecord, WorkerTable } from './worker-table.ts';

/** With this share of the CPUs busy more workers would only take turns, and their boots take from the rest. */
const SATURATED = 0.9;

/**
 * For so long a spare that was given away is not missed, ms, unless tasks wait. Its task is the one that would pay for the boot: the spawn takes some
 * ms of the primary, which the answer then waits for, and the boot shares the CPUs with what is over by then, as most tasks are.
 */
export const REFILL_AFTER_MS = 10;

/** What the number of workers depends on, beside the workers themselves. */
export interface Demand {
  readonly waitingShort: number;
  readonly waitingLong: number;
  /** Workers for connections that wait, and that no worker has room for. */
  readonly waitingConnections: number;
  /** Tasks past their quantum on a reserved worker. */
  readonly overstaying: number;
  /** The queue waits for more than a worker that is about to be free. */
  readonly isPressed: boolean;
}

/** How many workers there should be, how many of them long tasks may have, and how many boot at once. */
export class Staffing {
  readonly #policy: Policy;
  readonly #workers: WorkerTable;
  readonly #rate: BootRate;
  #isFull = false;
  #wasFull = false;
  #hasBooted = false;
  #refillAtMs: number | undefined;

  constructor(policy: Policy, workers: WorkerTable) {
    this.#policy = policy;
    this.#workers = workers;
    this.#rate = new BootRate(policy.cpus);
  }

  /** Most workers that may live at once. */
  get capacity(): number {
    const { max, memoryBytes } = this.#policy;
    return memoryBytes === 0 ? max : Math.min(max, this.#workers.capacity(memoryBytes));
  }

  /** Workers that long tasks can not have: as many as there are CPUs if the policy does not say, and never the last one. */
  get reserved(): number {
    const { cpus, reserved = Math.ceil(cpus) } = this.#policy;
    return Math.max(0, Math.min(reserved, this.capacity - 1));
  }

  get longLaneHasRoom(): boolean {
    return this.#workers.longCount < this.capacity - this.reserved;
  }

  /** Whether a task that is known to be long may have a free worker now. */
  get canStartLong(): boolean {
    return this.#workers.idleCount > 0 && this.longLaneHasRoom && this.#workers.hotCount > this.reserved;
  }

  /**
   * Whether a connection may have a free worker now. Not the last one; but it need not wait for the boot of the one that will take the place, since
   * hundreds of others may wait behind it.
   */
  get canStartConnection(): boolean {
    return this.longLaneHasRoom && this.#workers.hotCount > Math.min(1, this.reserved);
  }

  /** All CPUs are busy with short tasks, boots and whatever else is not demoted, or were at the look before: between two tasks a CPU may rest for a moment. */
  get isSaturated(): boolean {
    return this.#isFull || this.#wasFull;
  }

  setLoad(cpus: number): void {
    this.#wasFull = this.#isFull;
    this.#isFull = cpus >= SATURATED * this.#policy.cpus;
  }

  booted(demand: Demand): void {
    this.#hasBooted = true;
    this.#rate.booted(this.#wanted(demand) > this.#workers.usableCount);
  }

  /** A worker has been given a task. Where none is used again, the next one takes its place: soon, however many are given away until then. */
  gave(nowMs: number): void {
    if (!this.#policy.reuse) this.#refillAtMs ??= nowMs + REFILL_AFTER_MS;
  }

  /** When spares are missed again, if they are not now. */
  get refillAtMs(): number | undefined {
    return this.#refillAtMs;
  }

  expire(nowMs: number): void {
    if (this.#refillAtMs !== undefined && this.#refillAtMs <= nowMs) this.#refillAtMs = undefined;
  }

  /** Why a worker whose task is over is not to be used again, if so. */
  reasonToRetire(worker: WorkerRecord): RetireReason | undefined {
    if (worker.served >= worker.limit) return this.#policy.reuse ? 'maxRequests' : 'spent';
    return worker.sunk ? 'demoted' : undefined;
  }

  /** Workers that should be there even without a queue: beside the long tasks, the spares stay free for short ones. */
  kept(overstaying: number): number {
    const { min, spares } = this.#policy;
    return Math.min(this.capacity, Math.max(min, this.#workers.longCount + overstaying + spares));
  }

  /**
   * How many workers should be booted now; never more than have room and boot at once. While boots are paused they are missing
   * all the same: the supervisor holds them back, and tries one when the pause is over.
   */
  missing(demand: Demand, bootsPaused: boolean): number {
    const { waitingShort, waitingLong, waitingConnections } = demand;
    if (this.#refillAtMs !== undefined && waitingShort + waitingLong + waitingConnections === 0) return 0;
    const { usableCount: usable, startingCount: starting, aliveCount: alive } = this.#workers;
    let missing = this.#wanted(demand) - usable;
    // Tasks that are turned away for want of a worker do not wait for one: without this nobody would ever boot it. And the very
    // first one shows that the handler loads, however few are to be kept.
    if ((bootsPaused || !this.#hasBooted) && usable === 0) missing = Math.max(missing, 1);
    return Math.max(0, Math.min(missing, this.capacity - alive, this.#rate.atOnce - starting));
  }

  #wanted({ waitingShort, waitingLong, waitingConnections, overstaying, isPressed }: Demand): number {
    const { spares, reuse, cpus, min, concurrency } = this.#policy;
    const { usableCount: usable, idleCount: idle, startingCount: starting, longCount: long } = this.#workers;
    if (!reuse) return usable + waitingShort + waitingLong + waitingConnections + spares - starting - idle;
    const longLaneRoom = this.capacity - this.reserved - long;
    const startableLong = Math.min(waitingLong + waitingConnections, longLaneRoom);
    let wanted = Math.max(this.kept(overstaying), startableLong > 0 ? long + startableLong + this.reserved : 0);
    if (isPressed) wanted = Math.max(wanted, usable + Math.ceil(waitingShort / concurrency) - starting);
    // Long tasks have been taken out of the load: what is left keeps as many workers busy as there are CPUs. Workers that are full of
    // tasks which wait keep none busy, whatever does, and neither does one that holds connections.
    if (!this.isSaturated || concurrency > 1) return wanted;
    const forConnections = Math.max(0, Math.min(waitingConnections, longLaneRoom));
    // A long task that waits needs a worker beside those, whatever the load: its floor is for it. One at a time, since boots take from the short ones.
    const forLong = waitingLong > 0 && longLaneRoom > forConnections ? 1 : 0;
    return Math.min(wanted, Math.max(min, long + overstaying + forConnections + forLong + Math.ceil(cpus)));
  }
}
