/** Deadlines that do not pass while a person looks into a worker. */
import type { SchedulerState } from './scheduler-state.ts';
import type { WorkerRecord } from './worker-table.ts';

/** 30 years, ms: no debugger is open for so long, and a time that was moved by it keeps its microseconds. */
export const NEVER_MS = 1e12;

export function holdDeadlines({ tasks }: SchedulerState, worker: WorkerRecord, nowMs: number): void {
  if (worker.heldSinceMs !== undefined) return;
  worker.heldSinceMs = nowMs;
  for (const task of worker.held) tasks.postpone(task, NEVER_MS);
}

/** The time that passed meanwhile counts for nothing. */
export function goOnWithDeadlines({ tasks }: SchedulerState, worker: WorkerRecord, nowMs: number): void {
  const { heldSinceMs } = worker;
  if (heldSinceMs === undefined) return;
  worker.heldSinceMs = undefined;
  for (const task of worker.held) {
    const { state } = tasks.record(task);
    if (state.phase === 'running') tasks.postpone(task, nowMs - Math.max(heldSinceMs, state.startedMs) - NEVER_MS);
  }
}
