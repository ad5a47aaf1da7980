/**
 * Whose turn it is among those that wait, in each lane for itself: a task is not passed for long by later ones of its client, nor a client by others. In which
 * lane a task waits is known of most; what is not known is no evidence.
 */
import { DueQueue } from '../../src/scheduler/due-queue.ts';
import type { Policy } from '../../src/scheduler/types.ts';
import type { Fate } from './task-fates.ts';
import { must } from './violation.ts';

type WaitsIn = 'short' | 'long';

interface Client {
  /** Its tasks by their age, with what priority adds to it. */
  readonly tasks: DueQueue;
  weight: number;
  /** How often each of the others had a turn since it had one, or began to wait. */
  readonly passedBy: Map<string, number>;
}

/** Those of the scheduler: what a step of priority counts, and how far a task that is expected to run for long is put back, as a share of the longest wait. */
const PRIORITY_STEP_MS = 1000;
const MOST_PUT_BACK = 0.5;
const FURTHEST_MS = 60_000;
const ROUNDING_MS = 1e-3;

class Queue {
  readonly #name: WaitsIn;
  readonly #putBackMs: number;
  readonly #clients = new Map<string, Client>();

  constructor(name: WaitsIn, putBackMs: number) {
    this.#name = name;
    this.#putBackMs = putBackMs;
  }

  add({ task, facts }: Fate, sinceMs: number): void {
    const client = this.#clients.get(facts.client) ?? this.#enter(facts.client);
    client.weight = facts.weight;
    client.tasks.add(task, sinceMs - facts.priority * PRIORITY_STEP_MS);
  }

  #enter(name: string): Client {
    const client: Client = { tasks: new DueQueue(), weight: 1, passedBy: new Map() };
    this.#clients.set(name, client);
    return client;
  }

  /** Whatever becomes of it. Where it was the next one its client has had its turn. */
  remove({ task, facts }: Fate): void {
    const client = this.#clients.get(facts.client);
    if (client?.tasks.remove(task) !== true) return;
    client.passedBy.clear();
    if (client.tasks.size === 0) this.#clients.delete(facts.client);
  }

  /** It is next, and not in here any more. */
  take({ task, facts }: Fate, sinceMs: number): void {
    const { client: own, priority, weight } = facts;
    const oldestMs = this.#clients.get(own)?.tasks.nextDueMs ?? Number.POSITIVE_INFINITY;
    const passedByMs = sinceMs - priority * PRIORITY_STEP_MS - oldestMs;
    must(passedByMs <= this.#putBackMs + ROUNDING_MS, () => {
      return `task ${task} is ${passedByMs} ms younger than one of its client that waits for the ${this.#name} lane, and passes it`;
    });
    for (const [name, client] of this.#clients) {
      if (name === own) {
        client.passedBy.clear();
        continue;
      }
      const times = (client.passedBy.get(own) ?? 0) + 1;
      client.passedBy.set(own, times);
      must(times <= 2 + (2 * weight) / client.weight, () => {
        return `${name} waits for the ${this.#name} lane with a weight of ${client.weight}, and was passed ${times} times by ${own} with ${weight}`;
      });
    }
  }
}

/** Of what happened since the last look: who came, and what that says of the long lane. */
interface Step {
  readonly came: Set<Fate>;
  /** By how much the queue for the long lane grew, without those that came; unknown where one left of which nobody knows in which lane it waited. */
  grew: number;
  isKnown: boolean;
}

export class TurnRules {
  readonly #queues: Readonly<Record<WaitsIn, Queue>>;
  #queuedLong = 0;
  #step: Step = newStep();

  constructor({ queueTimeoutMs }: Policy) {
    const putBackMs = Math.min(FURTHEST_MS, MOST_PUT_BACK * queueTimeoutMs);
    this.#queues = { short: new Queue('short', 0), long: new Queue('long', putBackMs) };
  }

  arrive(fate: Fate): void {
    if (fate.facts.isConnection !== true) this.#step.came.add(fate);
  }

  /** It waits again. */
  comeBack(fate: Fate, lane: WaitsIn): void {
    this.#wait(fate, lane);
    if (lane === 'long') this.#step.grew += 1;
  }

  /** It waits no longer, and was not sent to a worker. */
  leave(fate: Fate): void {
    const { waitsIn } = fate;
    if (this.#step.came.delete(fate) || fate.facts.isConnection === true) return;
    if (waitsIn === undefined) this.#step.isKnown = false;
    else this.#queues[waitsIn].remove(fate);
    if (waitsIn === 'long') this.#step.grew -= 1;
    fate.waitsIn = undefined;
  }

  /** It is sent to a worker. */
  start(fate: Fate, lane: WaitsIn): void {
    const { waitsIn } = fate;
    if (!this.#step.came.delete(fate) && lane === 'long') this.#step.grew -= 1;
    if (waitsIn !== undefined) {
      must(waitsIn === lane, () => `task ${fate.task} waits for the ${waitsIn} lane, and is sent to the ${lane} one`);
      this.#queues[waitsIn].remove(fate);
    }
    fate.waitsIn = undefined;
    this.#queues[lane].take(fate, ageOf(fate, lane));
  }

  /** @param queuedLong how many wait for the long lane now */
  settled(queuedLong: number): void {
    const { came, grew, isKnown } = this.#step;
    const unsure = [...came].filter(({ mayBeLong }) => mayBeLong);
    for (const fate of came) if (!fate.mayBeLong) this.#wait(fate, 'short');
    const long = queuedLong - this.#queuedLong - grew;
    if (isKnown && (long === 0 || long === unsure.length))
      for (const fate of unsure) this.#wait(fate, long === 0 ? 'short' : 'long');
    must(
      !isKnown || (long >= 0 && long <= unsure.length),
      () => `${long} tasks more wait for the long lane, of ${unsure.length} that may`,
    );
    this.#queuedLong = queuedLong;
    this.#step = newStep();
  }

  #wait(fate: Fate, lane: WaitsIn): void {
    fate.waitsIn = lane;
    this.#queues[lane].add(fate, ageOf(fate, lane));
  }
}

function newStep(): Step {
  return { came: new Set(), grew: 0, isKnown: true };
}

/** In the short lane one that waits again keeps its place; in the long one it counts from when it came there. */
function ageOf({ arrivedMs, sinceMs }: Fate, lane: WaitsIn): number {
  return lane === 'short' ? arrivedMs : sinceMs;
}
