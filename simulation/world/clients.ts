/** Who asks for tasks, when, and who loses patience. */
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Dispatch, Witness } from '../primary/dispatch.ts';
import type { Scenario } from './scenario.ts';
import { TaskSource } from './task-source.ts';

/** Mean length of a burst, and of the time between two. */
const BURST_MS = 200;
const LULL_MS = 2000;
/** Who is turned away comes back later: else most of what happens in a crowded world would be that. */
const SLOWER = 1.15;
const FASTER = 0.9;
const SLOWEST = 30;

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
    return this.#waiting.delete(task);
  }

  #arriveSoon(): void {
    const { burstFactor } = this.#scenario.traffic;
    const factor = burstFactor === 1 ? 1 : this.#inBurst ? burstFactor : 0.5;
    this.#clock.after(this.#random.exponential((this.#slowness * this.#gapMs) / factor), () => {
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
    this.#lastTask += 1;
    const task = this.#lastTask;
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
