/**
 * prefork under the same load: the real scheduler in a world without faults, in which messages take time, workers have to boot and
 * everybody shares the CPUs. All tasks have one key, so that nobody knows beforehand which are long.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Script } from '../machine/messages.ts';
import type { Dispatch } from '../primary/dispatch.ts';
import type { Clients } from '../world/clients.ts';
import { defaultScenario } from '../world/default-scenario.ts';
import { World } from '../world/world.ts';
import type { Arrival } from './arrivals.ts';
import type { Peer } from './peers.ts';

/** Not the default: the others end nobody's task either. */
const DEADLINE_MS = 600_000;

const FACTS = { key: 'GET /', client: '', weight: 1, priority: 0, restartable: false, hasBody: false };

export const prefork: Peer = (arrivals, cpus) => {
  const endsMs = new Float64Array(arrivals.length).fill(Number.POSITIVE_INFINITY);
  const world = new World(
    `compare ${cpus}`,
    { ...defaultScenario(cpus), deadlineMs: DEADLINE_MS },
    {
      clients: (within, dispatch) => new ListedClients(within, dispatch, arrivals, endsMs),
    },
  );
  world.run();
  return endsMs;
};

/** They come when the list says so, and note when they have their answer. */
class ListedClients implements Clients {
  readonly #world: Clock & Pick<World, 'end'>;
  readonly #dispatch: Dispatch;
  readonly #arrivals: readonly Arrival[];
  readonly #endsMs: Float64Array;

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

function scriptOf({ runMs }: Arrival): Script {
  return {
    steps: [{ kind: 'compute', ms: runMs }],
    commitAfter: undefined,
    crashAfter: undefined,
    heedsCancel: false,
    leftover: undefined,
  };
}
