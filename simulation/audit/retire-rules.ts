import { EXTRA } from '../../src/scheduler/rollout.ts';
import type { ReplaceReason, RetireReason } from '../../src/scheduler/types.ts';
import { must } from './violation.ts';
import { isDeaf, type WorkerShadow, type WorkerShadows } from './worker-shadows.ts';

/** It is told to end. */
export function checkRetired(
  reason: RetireReason,
  worker: WorkerShadow,
  workers: WorkerShadows,
  max: number,
  nowMs: number,
): void {
  if (reason === 'reload' || reason === 'recycle' || reason === 'surplus') {
    checkReplaced(reason, worker, workers, max, nowMs);
    return;
  }
  const { id, phase, held, connections, served, blocked } = worker;
  must(phase === 'ready', () => `worker ${id} is retired, and is ${phase}`);
  must(held.size === 0, () => `worker ${id} is retired, and holds tasks ${[...held].join(', ')}`);
  must(
    reason === 'stuck' || connections.size === 0 || workers.isAlone,
    () => `worker ${id} is retired (${reason}), and holds connections`,
  );
  must(reason !== 'spent' || served > 0, () => `worker ${id} is retired as spent, and served nothing`);
  must(reason !== 'stuck' || blocked, () => `worker ${id} is retired as stuck, and is not blocked`);
}

/** It could serve on: there is a reason, and for one that is replaced somebody who does. */
function checkReplaced(
  reason: ReplaceReason | 'surplus',
  worker: WorkerShadow,
  workers: WorkerShadows,
  max: number,
  nowMs: number,
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
  const runsLong = standing === 'long' || standing === 'overstays' || isDeaf(worker, nowMs);
  if (phase !== 'ready' || workers.mayBeSpent(worker) || (reason === 'reload' && runsLong)) return;
  const isBlocked = counts.starting === 0 && aliveCount >= capacity + EXTRA;
  must(workers.arrived > 0 || isBlocked, () => `worker ${id} goes (${reason}), and nobody has come for it`);
  if (workers.arrived > 0) workers.arrived -= 1;
}
