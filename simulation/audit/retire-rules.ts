import { EXTRA } from '../../src/scheduler/rollout.ts';
import type { ReplaceReason } from '../../src/scheduler/types.ts';
import { must } from './violation.ts';
import type { WorkerShadow, WorkerShadows } from './worker-shadows.ts';

/** It could serve on: there is a reason, and for one that is replaced somebody who does. */
export function checkReplaced(
  reason: ReplaceReason | 'surplus',
  worker: WorkerShadow,
  workers: WorkerShadows,
  max: number,
): void {
  const { id, phase, standing, generation, isUnwanted } = worker;
  must(phase === 'ready' || phase === 'starting', () => `worker ${id} is replaced (${reason}), and is ${phase}`);
  const { counts, aliveCount, capacity, usableCount } = workers;
  if (reason === 'surplus') {
    must(usableCount > max, () => `worker ${id} is one too many of ${usableCount}`);
    return;
  }
  const isOld = generation !== workers.generation;
  must(reason === 'reload' ? isOld : isUnwanted, () => `worker ${id} is replaced without reason: ${reason}`);
  const runsLong = standing === 'long' || standing === 'overstays' || standing === 'blocked' || standing === 'stuck';
  if (phase !== 'ready' || workers.mayBeSpent(worker) || (reason === 'reload' && runsLong)) return;
  const isBlocked = counts.starting === 0 && aliveCount >= capacity + EXTRA;
  must(workers.arrived > 0 || isBlocked, () => `worker ${id} goes (${reason}), and nobody has come for it`);
  if (workers.arrived > 0) workers.arrived -= 1;
}
