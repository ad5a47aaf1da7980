import type { Random } from '../kernel/random.ts';
import type { WorkerNature } from '../machine/worker-process.ts';
import { type Scenario, WORKER_BYTES } from './scenario.ts';

/** What will become of the next worker. @returns undefined when the system refuses to start it */
export function drawNature(random: Random, { faults, bootMs, operations }: Scenario, isTrial: boolean): WorkerNature | undefined {
  if (random.chance(faults.spawnFails)) return undefined;
  const slowness = random.chance(faults.bootIsSlow) ? random.between(2, 40) : 1;
  return {
    bootComputeMs: bootMs * random.between(0.7, 1.5),
    bootWaitMs: slowness * bootMs * random.between(0, 0.5),
    boot: random.chance(faults.bootNeverEnds)
      ? 'never'
      : random.chance(isTrial ? Math.max(faults.bootFails, operations.brokenCode) : faults.bootFails)
        ? random.pick(['fails', 'exits'])
        : 'ready',
    heedsTerm: !random.chance(faults.ignoresTerm),
    crashAtMs: drawTime(random, faults.crashAfterMs),
    hangAtMs: drawTime(random, faults.hangAfterMs),
    memoryBytes: WORKER_BYTES * random.between(0.8, 1.3),
    leakBytes: faults.leakBytes,
    keeps: random.pick([0, 0.8, 1]),
  };
}

function drawTime(random: Random, meanMs: number): number | undefined {
  return meanMs === Number.POSITIVE_INFINITY ? undefined : random.exponential(meanMs);
}
