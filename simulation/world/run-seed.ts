import { Random } from '../kernel/random.ts';
import type { Chronicle } from './chronicle.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { World, type WorldOptions } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly chronicle: Chronicle;
  /** How long it took in the simulated world. */
  readonly lengthMs: number;
}

/**
 * Runs the world of a seed.
 *
 * @param events how many the scheduler is to see before everything ends
 * @throws Violation when something happened that must not
 */
export function runSeed(seed: number, events: number, options: WorldOptions = {}): Outcome {
  const scenario = drawScenario(new Random(String(seed)).stream('scenario'));
  const world = new World(String(seed), scenario, options);
  world.run(events);
  return { seed, scenario, chronicle: world.chronicle, lengthMs: world.nowMs };
}
