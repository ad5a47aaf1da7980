/**
 * The tasks that wait for the long lane. Clients take turns, by smooth weighted round robin: one client's hundred tasks do not
 * hold up another's one. Among the tasks of a client the one that is due first comes first: waiting time counts for the older,
 * expected run time against the longer. Both are fixed when a task comes in, so what comes later is due later in the end, and
 * nobody starves.
 */
import { DueQueue } from './due-queue.ts';
import type { TaskFacts } from './types.ts';

/** How far each ms of expected run time puts a task back. */
const RUN_WEIGHT = 2;
/** No task is put back further, however long it is: that bounds how many later ones can pass it. */
const MOST_RUN_MS = 30_000;
/** What a step of priority counts, in ms of waiting. */
export const PRIORITY_STEP_MS = 1000;

interface Client {
  readonly name: string;
  readonly tasks: DueQueue;
  weight: number;
  /** What it has saved up; the richest client is next, and pays for its turn. */
  credit: number;
}

export class LongQueue {
  readonly #clients = new Map<string, Client>();
  readonly #clientOf = new Map<number, Client>();

  get size(): number {
    return this.#clientOf.size;
  }

  has(task: number): boolean {
    return this.#clientOf.has(task);
  }

  /** @param runMs the run time that is expected; 0 when nothing is known */
  add(task: number, facts: TaskFacts, runMs: number, arrivedMs: number): void {
    const client = this.#clients.get(facts.client) ?? this.#enter(facts.client);
    client.weight = facts.weight;
    const dueMs = arrivedMs + RUN_WEIGHT * Math.min(runMs, MOST_RUN_MS) - facts.priority * PRIORITY_STEP_MS;
    client.tasks.add(task, dueMs);
    this.#clientOf.set(task, client);
  }

  take(): number | undefined {
    const client = this.#next();
    if (client === undefined) return undefined;
    const task = client.tasks.peek();
    if (task !== undefined) this.remove(task);
    return task;
  }

  remove(task: number): boolean {
    const client = this.#clientOf.get(task);
    if (client === undefined) return false;
    client.tasks.remove(task);
    this.#clientOf.delete(task);
    // A client that left has no claims when it comes back; the memory of it would grow with the number of clients.
    if (client.tasks.size === 0) this.#clients.delete(client.name);
    return true;
  }

  #enter(name: string): Client {
    const client: Client = { name, tasks: new DueQueue(), weight: 1, credit: 0 };
    this.#clients.set(name, client);
    return client;
  }

  #next(): Client | undefined {
    let total = 0;
    let richest: Client | undefined;
    for (const client of this.#clients.values()) {
      total += client.weight;
      client.credit += client.weight;
      if (richest === undefined || client.credit > richest.credit) richest = client;
    }
    if (richest !== undefined) richest.credit -= total;
    return richest;
  }
}
