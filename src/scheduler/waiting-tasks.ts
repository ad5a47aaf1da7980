import { IN_ORDER } from './due-row.ts';
import { IdMap } from './id-map.ts';
import { Row } from './row.ts';
import { type InTurns, Turns } from './turns.ts';
import type { TaskFacts } from './types.ts';

/** After so many quanta a long task that waits has the first right to a worker that is not reserved. */
const LONG_PATIENCE_QUANTA = 4;

/** What a step of priority counts, in ms of waiting. */
const PRIORITY_STEP_MS = 1000;
/** How far each ms of expected run time puts a task back that waits for the long lane, where it is short. */
const RUN_WEIGHT = 2;
/** Of the longest time that it may wait, what run time puts a task back at most: what comes later than that never passes it. */
const MOST_PUT_BACK = 0.5;
/** Where it may wait for long, ms. */
const FURTHEST_MS = 60_000;

/** One that waits: in the row of its kind, by age, and where others may pass it also in the order of their turns. It leaves both at once. */
interface Waiting extends InTurns {
  readonly task: number;
  readonly sinceMs: number;
  readonly row: Row<Waiting>;
}

/**
 * The tasks that wait: for any worker, or for the long lane; and all of them by age. In both, clients take turns; among the tasks of a client the one that is due
 * first comes first. When that is, is fixed when it comes in: what comes later is due later in the end, and nobody starves.
 */
export class WaitingTasks {
  readonly #furthestMs: number;
  readonly #short = new Turns<Waiting>();
  readonly #long = new Turns<Waiting>();
  readonly #waiting = new IdMap<Waiting>();
  /** Oldest first. The short one that is due first need not be the oldest. */
  readonly #shortByAge = new Row<Waiting>();
  readonly #longByAge = new Row<Waiting>();
  readonly #connections = new Row<Waiting>();
  #turn = 0;

  constructor(queueTimeoutMs: number) {
    this.#furthestMs = Math.min(FURTHEST_MS, MOST_PUT_BACK * queueTimeoutMs);
  }

  get size(): number {
    return this.#waiting.size;
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
    return this.#connections.first?.task;
  }

  get oldestSinceMs(): number | undefined {
    return this.#oldest?.sinceMs;
  }

  /** The next one of those that wait for any worker. */
  get nextShort(): number | undefined {
    return this.#short.first?.task;
  }

  get #oldest(): Waiting | undefined {
    return older(older(this.#shortByAge.first, this.#longByAge.first), this.#connections.first);
  }

  /** One that waits again keeps its place by `arrivedMs`; how long it may wait is counted anew. */
  addShort(task: number, facts: TaskFacts, arrivedMs: number, nowMs: number): void {
    this.#short.add(this.#add(task, this.#shortByAge, nowMs, facts, arrivedMs));
  }

  /** @param runMs the run time that is expected; 0 when nothing is known */
  addLong(task: number, facts: TaskFacts, runMs: number, nowMs: number): void {
    this.#long.add(this.#add(task, this.#longByAge, nowMs, facts, nowMs + this.#putBack(runMs)));
  }

  addConnection(task: number, facts: TaskFacts, nowMs: number): void {
    this.#add(task, this.#connections, nowMs, facts, nowMs);
  }

  #add(
    task: number,
    row: Row<Waiting>,
    sinceMs: number,
    { client, weight, priority }: TaskFacts,
    beforePriorityMs: number,
  ): Waiting {
    const dueMs = beforePriorityMs - priority * PRIORITY_STEP_MS;
    const waiting: Waiting = { task, client, weight, sinceMs, dueMs, turn: this.#turn, place: IN_ORDER, row, hasLeft: false };
    this.#turn += 1;
    this.#waiting.set(task, waiting);
    row.add(waiting);
    return waiting;
  }

  /** The longer, the further, and never beyond the bound: between two that are longer than that, the shorter one still comes first. */
  #putBack(runMs: number): number {
    const furthestMs = this.#furthestMs;
    return runMs === 0 ? 0 : (furthestMs * runMs) / (runMs + furthestMs / RUN_WEIGHT);
  }

  takeLong(): number | undefined {
    const task = this.#long.first?.task;
    if (task !== undefined) this.remove(task);
    return task;
  }

  remove(task: number): void {
    const waiting = this.#waiting.get(task);
    if (waiting === undefined) return;
    this.#waiting.delete(task);
    // First: they ask who is next, and in no row is it one that has left another.
    if (waiting.row === this.#shortByAge) this.#short.remove(waiting);
    else if (waiting.row === this.#longByAge) this.#long.remove(waiting);
    waiting.row.remove(waiting);
  }

  /** All of them, oldest first. Each has to be removed before the next one is asked for. */
  all(): Iterable<number> {
    return this.since(Number.POSITIVE_INFINITY);
  }

  /** Those that wait since `beforeMs` or longer, oldest first. Each has to be removed before the next one is asked for. */
  *since(beforeMs: number): Iterable<number> {
    for (let next = this.#oldest; next !== undefined && next.sinceMs <= beforeMs; next = this.#oldest) yield next.task;
  }

  /** Whether one of those that wait for any worker has waited for so long. */
  shortIsPressed(forMs: number, nowMs: number): boolean {
    const { first } = this.#shortByAge;
    return first !== undefined && first.sinceMs + forMs <= nowMs;
  }

  /** Looks at the oldest of all but connections: where that is a short one, no long one has waited longer. */
  longHasWaited(quantumMs: number, nowMs: number): boolean {
    const { first } = this.#longByAge;
    if (first === undefined || older(this.#shortByAge.first, first) !== first) return false;
    return first.sinceMs + LONG_PATIENCE_QUANTA * quantumMs <= nowMs;
  }

  /** When the answer to one of these questions changes with time alone. */
  wakeAtMs(quantumMs: number, queueTimeoutMs: number, nowMs: number): number {
    const sinceMs = this.oldestSinceMs ?? Number.POSITIVE_INFINITY;
    const shortSinceMs = this.#shortByAge.first?.sinceMs ?? Number.POSITIVE_INFINITY;
    const times = [shortSinceMs + quantumMs, sinceMs + LONG_PATIENCE_QUANTA * quantumMs];
    return Math.min(sinceMs + queueTimeoutMs, ...times.filter((atMs) => atMs > nowMs));
  }
}

/** No row has anybody who came before the one in front of him. */
function older(one: Waiting | undefined, other: Waiting | undefined): Waiting | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.turn < other.turn ? one : other;
}
