import { DueQueue } from './due-queue.ts';
import { LongQueue, PRIORITY_STEP_MS } from './long-queue.ts';
import type { TaskFacts } from './types.ts';

/** After so many quanta a long task that waits has the first right to a worker that is not reserved. */
const LONG_PATIENCE_QUANTA = 4;

/** The tasks that wait: for any worker, or for the long lane; and all of them by age. */
export class WaitingTasks {
  readonly #short = new DueQueue();
  readonly #long = new LongQueue();
  /** In the order of their arrival. */
  readonly #connections = new Set<number>();
  /** Since when each of them waits, oldest first: a Map keeps the order of insertion. */
  readonly #sinceMs = new Map<number, number>();
  /** The same for those that wait for any worker: the one that is due first need not be the oldest. */
  readonly #shortSinceMs = new Map<number, number>();

  get size(): number {
    return this.#sinceMs.size;
  }

  get shortSize(): number {
    return this.#short.size;
  }

  get longSize(): number {
    return this.#long.size;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get nextConnection(): number | undefined {
    return first(this.#connections);
  }

  get oldestSinceMs(): number | undefined {
    return first(this.#sinceMs);
  }

  /** The next one of those that wait for any worker. */
  get nextShort(): number | undefined {
    return this.#short.peek();
  }

  /** One that waits again keeps its place by `arrivedMs`; how long it may wait is counted anew. */
  addShort(task: number, facts: TaskFacts, arrivedMs: number, nowMs: number): void {
    this.#sinceMs.set(task, nowMs);
    this.#shortSinceMs.set(task, nowMs);
    this.#short.add(task, arrivedMs - facts.priority * PRIORITY_STEP_MS);
  }

  addLong(task: number, facts: TaskFacts, runMs: number, nowMs: number): void {
    this.#sinceMs.set(task, nowMs);
    this.#long.add(task, facts, runMs, nowMs);
  }

  addConnection(task: number, nowMs: number): void {
    this.#sinceMs.set(task, nowMs);
    this.#connections.add(task);
  }

  takeLong(): number | undefined {
    const task = this.#long.take();
    if (task !== undefined) this.#sinceMs.delete(task);
    return task;
  }

  remove(task: number): void {
    this.#sinceMs.delete(task);
    this.#shortSinceMs.delete(task);
    this.#short.remove(task);
    this.#long.remove(task);
    this.#connections.delete(task);
  }

  /** All of them, oldest first; they may be removed meanwhile. */
  all(): Iterable<number> {
    return this.#sinceMs.keys();
  }

  /** Those that wait since `beforeMs` or longer, oldest first; they may be removed meanwhile. */
  *since(beforeMs: number): Iterable<number> {
    for (const [task, sinceMs] of this.#sinceMs) {
      if (sinceMs > beforeMs) return;
      yield task;
    }
  }

  /** Whether one of those that wait for any worker has waited for so long. */
  shortIsPressed(forMs: number, nowMs: number): boolean {
    const sinceMs = first(this.#shortSinceMs);
    return sinceMs !== undefined && sinceMs + forMs <= nowMs;
  }

  /** Looks at the oldest of all but connections: where that is a short one, no long one has waited longer. */
  longHasWaited(quantumMs: number, nowMs: number): boolean {
    for (const [task, sinceMs] of this.#sinceMs) {
      if (this.#connections.has(task)) continue;
      return this.#long.has(task) && sinceMs + LONG_PATIENCE_QUANTA * quantumMs <= nowMs;
    }
    return false;
  }

  /** When the answer to one of these questions changes with time alone. */
  wakeAtMs(quantumMs: number, queueTimeoutMs: number, nowMs: number): number {
    const sinceMs = this.oldestSinceMs ?? Number.POSITIVE_INFINITY;
    const shortSinceMs = first(this.#shortSinceMs) ?? Number.POSITIVE_INFINITY;
    const times = [shortSinceMs + quantumMs, sinceMs + LONG_PATIENCE_QUANTA * quantumMs];
    return Math.min(sinceMs + queueTimeoutMs, ...times.filter((atMs) => atMs > nowMs));
  }
}

function first<Value>(map: { values(): Iterable<Value> }): Value | undefined {
  for (const value of map.values()) return value;
  return undefined;
}
