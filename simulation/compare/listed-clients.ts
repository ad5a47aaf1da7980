import type { Clock } from '../kernel/clock.ts';
import type { Script, Step } from '../machine/messages.ts';
import type { Dispatch } from '../primary/dispatch.ts';
import type { Clients } from '../world/clients.ts';
import type { World } from '../world/world.ts';
import type { Arrival } from './arrivals.ts';

const FACTS = { key: 'GET /', client: '', weight: 1, priority: 0, restartable: false, hasBody: false };

/** They come when the list says so, and note when they have their answer. All tasks have one key, so that nobody knows beforehand which are long. */
export class ListedClients implements Clients {
  readonly #world: Clock & Pick<World, 'end'>;
  readonly #dispatch: Dispatch;
  readonly #arrivals: readonly Arrival[];
  readonly #endsMs: Float64Array;

  /** @param endsMs gets when each of them had its answer */
  constructor(world: Clock & Pick<World, 'end'>, dispatch: Dispatch, arrivals: readonly Arrival[], endsMs: Float64Array) {
    this.#world = world;
    this.#dispatch = dispatch;
    this.#arrivals = arrivals;
    this.#endsMs = endsMs;
  }

  begin(): void {
    this.#arriveSoon(0);
  }

  stop(): void {
    // The list is at its end.
  }

  leave(task: number, kind: string): boolean {
    if (kind === 'completed') this.#endsMs[task - 1] = this.#world.nowMs;
    return true;
  }

  #arriveSoon(index: number): void {
    const arrival = this.#arrivals[index];
    if (arrival === undefined) {
      this.#world.end();
      return;
    }
    this.#world.at(arrival.atMs, () => {
      // No task is 0.
      this.#dispatch.run({ task: index + 1, facts: FACTS, script: scriptOf(arrival) });
      this.#arriveSoon(index + 1);
    });
  }
}

function scriptOf({ runMs, waitMs = 0 }: Arrival): Script {
  const compute: Step = { kind: 'compute', ms: runMs };
  return {
    steps: waitMs === 0 ? [compute] : [compute, { kind: 'wait', ms: waitMs }],
    commitAfter: undefined,
    crashAfter: undefined,
    heedsCancel: false,
    leftover: undefined,
  };
}
