import { performance } from 'node:perf_hooks';
import type { SchedulerCommand, SchedulerEvent } from '../scheduler/types.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

type MeasureTask = Extract<SchedulerCommand, { type: 'MeasureTask' }>;

/** How long a task has waited for a CPU, as far as the system tells. What else its worker has said is taken up before: it may be over. */
export function measureTask(supervisor: Supervisor | undefined, { task, worker: id, startedMs }: MeasureTask): SchedulerEvent {
  const worker = supervisor?.get(id);
  worker?.catchUp();
  return { type: 'TaskMeasured', task, waitedMs: worker?.mainThread.waitedMs(startedMs, performance.now()) ?? 0 };
}
