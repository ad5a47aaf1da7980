/**
 * prefork under the same load: the real scheduler in a world without faults, in which messages take time, workers have to boot and
 * everybody shares the CPUs. All tasks have one key, so that nobody knows beforehand which are long.
 */
import { defaultScenario } from '../world/default-scenario.ts';
import { World } from '../world/world.ts';
import { ListedClients } from './listed-clients.ts';
import type { Peer } from './peers.ts';

/** Not the default: the others end nobody's task either. */
const DEADLINE_MS = 600_000;

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
