/**
 * prefork under the same load: the real scheduler in a world without faults, in which messages take time, workers have to boot and
 * everybody shares the CPUs. All tasks have one key, so that nobody knows beforehand which are long.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Script } from '../machine/messages.ts';
import type { Dispatch } from '../primary/dispatch.ts';
import type { Clients } from '../world/clients.ts';
import { NO_FAULTS, NO_OPERATIONS, type Scenario } from '../world/scenario.ts';
import { World } from '../world/world.ts';
import type { Arrival } from './arrivals.ts';
import type { Peer } from './peers.ts';

/** By default memory sets how many there may be: 128 MB each of half the memory, so 16 where there are 4 GB for each CPU. */
const WORKERS_PER_CPU = 16;

const FACTS = { key: 'GET /', client: '', weight: 1, priority: 0, restartable: false, hasBody: false };

export const prefork: Peer = (arrivals, cpus) => {
  const endsMs = new Float64Array(arrivals.length).fill(Number.POSITIVE_INFINITY);
  const world = new World(`compare ${cpus}`, scenarioOf(cpus), {
    clients: (within, dispatch) => new ListedClients(within, dispatch, arrivals, endsMs),
  });
  world.run();
  return endsMs;
};

/** What the documented defaults are, on a machine with so many CPUs; but for the deadline: the others end nobody's task either. */
function scenarioOf(cpus: number): Scenario {
  const max = WORKERS_PER_CPU * cpus;
  return {
    policy: {
      min: 1,
      max,
      spares: 2,
      cpus,
      memoryBytes: 0,
      reuse: true,
      concurrency: 1,
      aheadMs: 4,
      quantumMs: 50,
      queueLimit: 16 * max,
      queuePatienceMs: 500,
      queueTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      cancelGraceMs: 500,
      maxRequests: 0,
    },
    deadlineMs: 600_000,
    floor: 0.1,
    canRaise: true,
    bootTimeoutMs: 30_000,
    bootMs: 100,
    maxMemoryBytes: 0,
    shutdownTimeoutMs: 25_000,
    closesBusy: false,
    socketMs: 0.05,
    watchdogMs: 0.1,
    traffic: {
      load: 1,
      burstFactor: 1,
      clients: 1,
      cancelled: 0,
      committedEarly: 0,
      restartable: 0,
      withBody: 0,
      heedsCancel: 0,
      kinds: [],
      reportMs: 0,
      tunnels: 0,
      kept: 0,
    },
    faults: NO_FAULTS,
    operations: NO_OPERATIONS,
  };
}

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
