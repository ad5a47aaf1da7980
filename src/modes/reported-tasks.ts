import { performance } from 'node:perf_hooks';
import type { TaskInfo } from '../admin/api.ts';
import type { RunningTask, TasksReported } from '../channel/messages.ts';
import { addCells, endAs, endedTasks, openTasks, TASK_CELLS, type TaskEnd } from '../http/task-counts.ts';
import type { WorkerEnd } from '../supervisor/decisions/life.ts';
import { taskInfo } from './worker-info.ts';

interface Reported {
  readonly counts: readonly number[];
  readonly oldest: { readonly task: RunningTask; readonly startedMs: number } | undefined;
}

/**
 * Mode cluster: what the workers say of their tasks, as of their last heartbeats, and the sum over all that ever were. What a worker
 * was at when it ended is booked by how it ended. One that the system kills takes the counts since its last report with it.
 */
export class ReportedTasks {
  readonly #workers = new Map<number, Reported>();
  readonly #gone = new Float64Array(TASK_CELLS);

  take(worker: number, { counts, oldest }: TasksReported): void {
    const known = this.#workers.get(worker)?.oldest;
    this.#workers.set(worker, { counts, oldest: oldest === null ? undefined : timed(oldest, known) });
  }

  /** The worker is gone. */
  end(worker: number, end: WorkerEnd): void {
    const reported = this.#workers.get(worker);
    this.#workers.delete(worker);
    if (reported === undefined) return;
    addCells(this.#gone, reported.counts);
    const open = openTasks(reported.counts);
    if (open === 0) return;
    if (end.kind === 'killed' && end.reason === 'deadline') {
      // The late one took its neighbours with it.
      endAs(this.#gone, 'timedOut', 1);
      endAs(this.#gone, 'crashed', open - 1);
    } else endAs(this.#gone, endOfOpen(end), open);
  }

  /** Of all workers, those that are gone included. */
  cells(): Float64Array {
    const sum = Float64Array.from(this.#gone);
    for (const { counts } of this.#workers.values()) addCells(sum, counts);
    return sum;
  }

  servedBy(worker: number): number {
    return endedTasks(this.#workers.get(worker)?.counts ?? []);
  }

  runningIn(worker: number): number {
    return openTasks(this.#workers.get(worker)?.counts ?? []);
  }

  /** What a worker has run for longest, with its start on our clock. */
  runningOf(worker: number): { readonly task: RunningTask; readonly startedMs: number } | undefined {
    return this.#workers.get(worker)?.oldest;
  }

  oldestOf(worker: number): TaskInfo | null {
    const oldest = this.#workers.get(worker)?.oldest;
    if (oldest === undefined) return null;
    const { task, startedMs } = oldest;
    return taskInfo(task.task, task.method, task.url, startedMs);
  }
}

/** The start of a task stays what it was at its first report, though each report was a different time on its way. */
function timed(task: RunningTask, known: Reported['oldest']): NonNullable<Reported['oldest']> {
  const startedMs = known?.task.task === task.task ? known.startedMs : performance.now() - task.runMs;
  return { task, startedMs };
}

function endOfOpen(end: WorkerEnd): TaskEnd {
  const isShutdown = end.kind === 'killed' && (end.reason === 'shutdown' || end.reason === 'drainTimeout');
  return isShutdown ? 'cancelled' : 'crashed';
}
