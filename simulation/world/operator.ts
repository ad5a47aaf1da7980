import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Dispatch } from '../primary/dispatch.ts';
import type { Scenario } from './scenario.ts';

/** Reloads, recycles, scales and kills, at times and on workers that are drawn. */
export class Operator {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #scenario: Scenario;
  readonly #dispatch: Dispatch;
  #hasStopped = false;

  constructor(clock: Clock, random: Random, scenario: Scenario, dispatch: Dispatch) {
    this.#clock = clock;
    this.#random = random.stream('operator');
    this.#scenario = scenario;
    this.#dispatch = dispatch;
  }

  begin(): void {
    const { reloadEveryMs, recycleEveryMs, scaleEveryMs, killEveryMs } = this.#scenario.operations;
    this.#repeat(reloadEveryMs, () => this.#dispatch.reload());
    this.#repeat(recycleEveryMs, () => this.#onAny((worker) => this.#dispatch.recycle(worker)));
    this.#repeat(killEveryMs, () => this.#onAny((worker) => this.#dispatch.kill(worker)));
    this.#repeat(scaleEveryMs, () => this.#scale());
  }

  stop(): void {
    this.#hasStopped = true;
  }

  #repeat(everyMs: number, act: () => void): void {
    if (everyMs === Number.POSITIVE_INFINITY) return;
    this.#clock.after(this.#random.exponential(everyMs), () => {
      if (this.#hasStopped) return;
      act();
      this.#repeat(everyMs, act);
    });
  }

  #onAny(act: (worker: number) => void): void {
    const { workers } = this.#dispatch;
    const worker = workers[this.#random.below(Math.max(1, workers.length))];
    if (worker !== undefined) act(worker);
  }

  /** As `src/modes/policy.ts` has it. */
  #scale(): void {
    const { min, max: most, spares, reuse } = this.#scenario.policy;
    const max = 1 + this.#random.below(2 * most);
    this.#dispatch.scale({ max, min: reuse ? max : Math.min(min, max), spares: Math.min(spares, max) });
  }
}
