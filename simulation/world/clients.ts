/** Who asks for tasks, when, and who loses patience. */
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Dispatch, Witness } from '../primary/dispatch.ts';
import type { Order } from '../primary/task-desk.ts';
import type { Scenario } from './scenario.ts';
import { TaskSource } from './task-source.ts';

/** Mean length of a burst, and of the time between two. */
const BURST_MS = 200;
const LULL_MS = 2000;
/** Who is turned away comes back later: else most of what happens in a crowded world would be that. */
const SLOWER = 1.15;
const FASTER = 0.9;
const SLOWEST = 30;
/** What a kept connection brings, and how many requests of it may be under way: one with HTTP/1.1, many with HTTP/2. */
const MOST_REQUESTS = 20;
const MOST_AT_ONCE = 8;

/** Longer than what comes is gathered for. */
const LATER_MS = 0.2;

/** A connection that its client keeps for the next request. */
interface Kept {
  left: number;
  readonly open: Set<number>;
}

export interface Clients {
  begin(): void;
  /** No more tasks. */
  stop(): void;
  /** The client of a task has its answer, or waits no longer. @returns whether it waited until now */
  leave(task: number, kind: string): boolean;
}

/** They come and go as a scenario describes it. */
export class RandomClients implements Clients {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #scenario: Scenario;
  readonly #dispatch: Pick<Dispatch, 'run' | 'abandon'>;
  readonly #witness: Pick<Witness, 'answered'>;
  readonly #source: TaskSource;
  readonly #waiting = new Set<number>();
  readonly #connections: Random;
  readonly #kept = new Map<number, Kept>();
  /** Requests that the last ones to come will bring beside the first: they count as if they had come with it. */
  #owed = 0;
  readonly #gapMs: number;
  #lastTask = 0;
  #inBurst = false;
  #haveStopped = false;
  #slowness = 1;

  constructor(
    clock: Clock,
    random: Random,
    scenario: Scenario,
    dispatch: Pick<Dispatch, 'run' | 'abandon'>,
    witness: Pick<Witness, 'answered'>,
  ) {
    const { traffic, faults, policy } = scenario;
    this.#clock = clock;
    this.#random = random.stream('clients');
    this.#connections = random.stream('connections');
    this.#scenario = scenario;
    this.#dispatch = dispatch;
    this.#witness = witness;
    this.#source = new TaskSource(random.stream('tasks'), traffic, faults);
    const { computeMs, runMs } = this.#source.means();
    // What is scarce is the CPUs, or for tasks that wait the places on workers.
    const bootsMs = policy.reuse ? 0 : scenario.bootMs;
    const [cpuMs, placeMs] = [computeMs + bootsMs, runMs + bootsMs];
    this.#gapMs = Math.max(cpuMs / policy.cpus, placeMs / (policy.max * policy.concurrency)) / traffic.load;
  }

  begin(): void {
    this.#arriveSoon();
    if (this.#scenario.traffic.burstFactor > 1) this.#changePace();
  }

  stop(): void {
    this.#haveStopped = true;
  }

  leave(task: number, kind: string): boolean {
    this.#slowness = kind === 'completed' ? Math.max(1, FASTER * this.#slowness) : Math.min(SLOWEST, SLOWER * this.#slowness);
    const kept = this.#kept.get(task);
    if (kept !== undefined) this.#next(task, kept);
    return this.#waiting.delete(task);
  }

  #arriveSoon(): void {
    const { burstFactor } = this.#scenario.traffic;
    const factor = burstFactor === 1 ? 1 : this.#inBurst ? burstFactor : 0.5;
    const gapMs = this.#slowness * this.#gapMs * (1 + this.#owed);
    this.#owed = 0;
    this.#clock.after(this.#random.exponential(gapMs / factor), () => {
      if (this.#haveStopped) return;
      this.#arrive();
      this.#arriveSoon();
    });
  }

  #changePace(): void {
    this.#clock.after(this.#random.exponential(this.#inBurst ? BURST_MS : LULL_MS), () => {
      if (this.#haveStopped) return;
      this.#inBurst = !this.#inBurst;
      this.#changePace();
    });
  }

  #arrive(): void {
    const { tunnels, kept } = this.#scenario.traffic;
    if (this.#connections.chance(tunnels)) this.#openTunnel();
    else if (this.#connections.chance(kept)) this.#keep();
    else this.#request();
  }

  #openTunnel(): void {
    const task = this.#run(this.#source.nextTunnel());
    // Half of the clients leave before the handler closes; some at once.
    if (this.#connections.chance(0.5))
      this.#clock.after(this.#connections.boundedPareto(0.8, 0.1, 60_000), () => this.#cancel(task));
  }

  /** Its client leaves in the midst now and then: nobody waits then for what is under way, all at once, and the rest never comes. */
  #keep(): void {
    const kept: Kept = { left: 1 + this.#connections.below(MOST_REQUESTS), open: new Set() };
    this.#owed = kept.left;
    const atOnce = this.#connections.chance(0.5) ? 1 : 1 + this.#connections.below(MOST_AT_ONCE);
    for (let count = 0; count < atOnce; count += 1) this.#ask(kept);
    if (!this.#connections.chance(0.3)) return;
    this.#clock.after(this.#connections.boundedPareto(0.8, 0.1, 5000), () => {
      kept.left = 0;
      // The end of a connection is heard after what has come on it.
      this.#clock.after(LATER_MS, () => {
        for (const task of kept.open) this.#cancel(task);
      });
    });
  }

  #ask(kept: Kept): void {
    if (kept.left === 0 || this.#haveStopped) return;
    kept.left -= 1;
    this.#request(kept);
  }

  /** It has the answer to one of its requests, and asks for the next thing soon. */
  #next(task: number, kept: Kept): void {
    this.#kept.delete(task);
    kept.open.delete(task);
    this.#clock.after(this.#connections.exponential(this.#gapMs), () => this.#ask(kept));
  }

  #run({ facts, script }: Pick<Order, 'facts' | 'script'>): number {
    this.#lastTask += 1;
    const task = this.#lastTask;
    this.#waiting.add(task);
    this.#dispatch.run({ task, facts, script });
    return task;
  }

  #request(kept?: Kept): void {
    this.#lastTask += 1;
    const task = this.#lastTask;
    kept?.open.add(task);
    if (kept !== undefined) this.#kept.set(task, kept);
    const { facts, script } = this.#source.next(this.#clock.nowMs);
    this.#waiting.add(task);
    if (this.#random.chance(this.#scenario.traffic.cancelled)) {
      this.#clock.after(this.#random.boundedPareto(0.8, 0.1, 5000), () => this.#cancel(task));
    }
    this.#dispatch.run({ task, facts, script });
  }

  #cancel(task: number): void {
    if (!this.#waiting.has(task)) return;
    // That nobody waits any more is an answer of its own.
    this.#witness.answered(task, 'cancelled');
    this.#dispatch.abandon(task);
  }
}
