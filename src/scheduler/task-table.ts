/** The tasks as the scheduler knows them: who waits, who runs in which lane, whose worker is to end. */
import type { Lane, TaskFacts } from './types.ts';

export type TaskState =
  | { readonly phase: 'queued' }
  | { readonly phase: 'running'; readonly worker: number; readonly startedMs: number; readonly deadlineAtMs: number }
  /** Nobody waits for it; it still holds its worker. */
  | { readonly phase: 'cancelled'; readonly worker: number; readonly startedMs: number; readonly killAtMs: number }
  /** Its worker is being killed. */
  | { readonly phase: 'killed'; readonly worker: number };

export type Running = Extract<TaskState, { phase: 'running' }>;

/** It holds its worker. */
export type Started = Extract<TaskState, { phase: 'running' | 'cancelled' }>;

export interface TaskRecord {
  readonly facts: TaskFacts;
  /** A part of its answer is out: it can not be started again. */
  committed: boolean;
  state: TaskState;
}

export class TaskTable {
  /** Ids of running tasks within their quantum, of those in the long lane, and of those past it on a reserved worker; first started first. */
  readonly short = new Set<number>();
  readonly long = new Set<number>();
  readonly overstaying = new Set<number>();
  readonly cancelled = new Set<number>();
  readonly #records = new Map<number, TaskRecord>();

  get runningCount(): number {
    return this.short.size + this.long.size + this.overstaying.size;
  }

  get(task: number): TaskRecord | undefined {
    return this.#records.get(task);
  }

  /** The record of a task that must be there. */
  record(task: number): TaskRecord {
    const record = this.#records.get(task);
    if (record === undefined) throw new Error(`task ${task} is not known`);
    return record;
  }

  running(task: number): Running {
    const { state } = this.record(task);
    if (state.phase !== 'running') throw new Error(`task ${task} is in a lane and does not run`);
    return state;
  }

  laneOf(task: number): Lane | undefined {
    if (this.long.has(task)) return 'long';
    return this.short.has(task) || this.overstaying.has(task) ? 'short' : undefined;
  }

  add(task: number, facts: TaskFacts): TaskRecord {
    const record: TaskRecord = { facts, committed: false, state: { phase: 'queued' } };
    this.#records.set(task, record);
    return record;
  }

  /** It is in no lane any more, and still known. */
  leaveLanes(task: number): void {
    for (const lane of [this.short, this.long, this.overstaying, this.cancelled]) lane.delete(task);
  }

  delete(task: number): void {
    this.leaveLanes(task);
    this.#records.delete(task);
  }

  /** Those past their deadline, except in the short lane, and those that were cancelled and did not end; they may leave meanwhile. */
  *overdue(nowMs: number): Iterable<[task: number, state: Started, reason: 'deadline' | 'cancelled']> {
    for (const tasks of [this.long, this.overstaying]) {
      for (const task of tasks) {
        const running = this.running(task);
        if (running.deadlineAtMs <= nowMs) yield [task, running, 'deadline'];
      }
    }
    for (const task of this.cancelled) {
      const { state } = this.record(task);
      if (state.phase === 'cancelled' && state.killAtMs <= nowMs) yield [task, state, 'cancelled'];
    }
  }

  /** When something is due for those that run: the end of a quantum, of a deadline or of a grace. */
  wakeAtMs(quantumMs: number): number {
    let wake = Number.POSITIVE_INFINITY;
    for (const task of this.short) {
      wake = shortUntilMs(this.running(task), quantumMs);
      break;
    }
    for (const tasks of [this.long, this.overstaying]) {
      for (const task of tasks) wake = Math.min(wake, this.running(task).deadlineAtMs);
    }
    for (const task of this.cancelled) {
      const { state } = this.record(task);
      if (state.phase === 'cancelled') wake = Math.min(wake, state.killAtMs);
    }
    return wake;
  }
}

export function shortUntilMs(running: Running, quantumMs: number): number {
  return Math.min(running.startedMs + quantumMs, running.deadlineAtMs);
}
