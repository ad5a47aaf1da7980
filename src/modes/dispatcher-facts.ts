import type { Scheduler } from '../scheduler/scheduler.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { Generations } from './generations.ts';
import type { LaneCounts } from './lane-counts.ts';
import type { ModeFacts } from './running-mode.ts';
import type { TaskDesk } from './task-desk.ts';
import { workerInfo } from './worker-info.ts';

/** What a backend knows; its front has counted the rest. */
export type BackendFacts = Omit<ModeFacts, 'totals' | 'times' | 'unready'>;

/** What the rooms of a dispatcher know at this moment, put together. Each of them keeps it anyway: nothing is done for it before it is asked for. */
export function dispatcherFacts(
  supervisor: Supervisor,
  desk: TaskDesk,
  scheduler: Scheduler,
  { current: generation, isReloading }: Generations,
  counts: LaneCounts,
): BackendFacts {
  const { figures } = scheduler;
  const { queued, queueLimit, oldestQueuedMs } = figures;
  const oldestMs = oldestQueuedMs === undefined ? 0 : Math.max(0, Math.round(performance.now() - oldestQueuedMs));
  return {
    workers: Array.from(supervisor.workers, (worker) => {
      const { served, running, oldest } = desk.loadOf(worker);
      return workerInfo(worker, {
        health: supervisor.healthOf(worker.id),
        served,
        running,
        lane: oldest === undefined ? null : (scheduler.laneOf(oldest) ?? null),
        task: oldest === undefined ? null : desk.infoOf(oldest),
      });
    }),
    queue: { depth: queued, limit: queueLimit, oldestMs },
    lanes: counts.with(figures),
    generation,
    isReloading,
  };
}
