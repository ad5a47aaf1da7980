import type { Policy } from '../../src/scheduler/types.ts';
import type { Fate } from './task-fates.ts';
import { must } from './violation.ts';
import type { WorkerShadow, WorkerShadows } from './worker-shadows.ts';

/** `MOST_CONNECTIONS` of the scheduler. */
const MOST_CONNECTIONS = 512;

/** Checks that a worker may get a connection, and hands it over in the books. */
export function connect({ task }: Fate, worker: WorkerShadow, ahead: boolean, policy: Policy, workers: WorkerShadows): void {
  const { reuse, memoryBytes } = policy;
  const { size } = worker.connections;
  must(
    !ahead && worker.held.size === 0,
    () => `connection ${task} comes behind ${worker.held.size} tasks on worker ${worker.id}`,
  );
  must(size < (reuse ? MOST_CONNECTIONS : 1), () => `worker ${worker.id} holds ${size} connections, and gets one more`);
  worker.connections.add(task);
  worker.served += 1;
  workers.refile(worker);
  // With a limit on memory the room shrinks when a measure comes in, whoever runs then.
  if (size > 0 || memoryBytes > 0) return;
  const { hotCount, reserved } = workers;
  must(hotCount >= Math.min(1, reserved), () => `connection ${task} took the last worker for what is short`);
}
