/** The tasks as the scheduler knows them: who waits, who was sent, who runs in which lane, whose worker is to end. */
import type { Expectation } from './cost-model.ts';
import { DueQueue } from './due-queue.ts';
import { IdMap } from './id-map.ts';
import { type Listed, TaskList } from './task-list.ts';
import type { Lane, TaskFacts } from './types.ts';

export type TaskState =
  | { readonly phase: 'queued' }
  /** At a worker, and not known to have begun. Nobody waits for it any more when it is not `wanted`. */
  | { readonly phase: 'sent'; readonly worker: number; readonly sentMs: number; readonly wanted: boolean }
  /** What was sent to a free worker is taken to run; `isDoubtful` as long as what an earlier task left behind may keep it waiting. */
  | {
      readonly phase: 'running';
      readonly worker: number;
      readonly startedMs: number;
      readonly deadlineAtMs: number;
      readonly isDoubtful: boolean;
    }
  /** Nobody waits for it, or it was too late; it still holds its worker, until `killAtMs`. */
  | {
      readonly phase: 'cancelled';
      readonly worker: number;
      readonly startedMs: number;
      readonly killAtMs: number;
      /** The same when its worker gives a sign until then. */
      readonly lastMs: number;
      readonly reason: 'cancelled' | 'deadline';
    }
  /** Its worker is being killed. */
  | { readonly phase: 'killed'; readonly worker: number };

export type Running = Extract<TaskState, { phase: 'running' }>;
export type Sent = Extract<TaskState, { phase: 'sent' }>;

/** It holds its worker. */
export type Started = Extract<TaskState, { phase: 'running' | 'cancelled' }>;

/** Listed where it is looked for: in no list where it waits, or its worker is to end. */
export interface TaskRecord extends Listed {
  readonly facts: TaskFacts;
  readonly arrivedMs: number;
  /** What was expected of it when it came. */
  readonly expected: Expectation;
  /** A part of its answer is out: it can not be started again. */
  committed: boolean;
  /** How often it was started again, after it had lost its worker. */
  retried: number;
  /** Of its run so far, as far as it was measured: that it waited for a CPU. */
  waitedMs: number;
  /** Of one that is `late`: when it is to be measured again. */
  measureAtMs: number;
  state: TaskState;
}

/**
 * Where a task that is at a worker is looked for: within its quantum, past it on the clock alone, past it in the long lane or on a
 * reserved worker, given up; held as a connection; sent ahead and not begun, asked back or not yet.
 */
type Place = 'short' | 'late' | 'long' | 'connections' | 'overstaying' | 'cancelled' | 'ahead' | 'askedBack';

export const QUEUED: TaskState = { phase: 'queued' };

export class TaskTable {
  readonly #records = new IdMap<TaskRecord>();
  /** Who is where; those that came first are first. */
  readonly #places: Readonly<Record<Place, TaskList>> = {
    short: new TaskList(),
    late: new TaskList(),
    long: new TaskList(),
    connections: new TaskList(),
    overstaying: new TaskList(),
    cancelled: new TaskList(),
    ahead: new TaskList(),
    askedBack: new TaskList(),
  };
  /** When those past their quantum, or with a deadline of their own, pass it, and those that were given up their grace. */
  readonly #due = new DueQueue();

  get size(): number {
    return this.#records.size;
  }

  get short(): TaskList {
    return this.#places.short;
  }

  /** They have not had their quantum, for want of a CPU, or are being measured. */
  get late(): TaskList {
    return this.#places.late;
  }

  get long(): TaskList {
    return this.#places.long;
  }

  get overstaying(): TaskList {
    return this.#places.overstaying;
  }

  get connections(): TaskList {
    return this.#places.connections;
  }

  get ahead(): TaskList {
    return this.#places.ahead;
  }

  get cancelled(): TaskList {
    return this.#places.cancelled;
  }

  get runningCount(): number {
    return this.short.size + this.late.size + this.long.size + this.overstaying.size + this.connections.size;
  }

  get sentCount(): number {
    return this.ahead.size + this.#places.askedBack.size;
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

  sent(task: number): Sent {
    const { state } = this.record(task);
    if (state.phase !== 'sent') throw new Error(`task ${task} is said to be sent ahead and is not`);
    return state;
  }

  isIn(task: number, place: Place): boolean {
    return this.#records.get(task)?.list === this.#places[place];
  }

  laneOf(task: number): Lane | undefined {
    if (this.isIn(task, 'long') || this.isIn(task, 'connections')) return 'long';
    return this.isIn(task, 'short') || this.isIn(task, 'late') || this.isIn(task, 'overstaying') ? 'short' : undefined;
  }

  add(task: number, facts: TaskFacts, expected: Expectation, nowMs: number): TaskRecord {
    const record: TaskRecord = {
      task,
      facts,
      expected,
      arrivedMs: nowMs,
      committed: false,
      retried: 0,
      waitedMs: 0,
      measureAtMs: 0,
      state: QUEUED,
      list: undefined,
      before: undefined,
      after: undefined,
    };
    this.#records.set(task, record);
    return record;
  }

  /** Its state is to be set before. */
  put(task: number, place: Place): void {
    const record = this.record(task);
    this.#leave(record);
    this.#places[place].add(record);
    // Nothing is ever due for a connection, nor for what has not begun.
    if (place === 'connections' || place === 'ahead' || place === 'askedBack') return;
    const { state, facts } = record;
    // Those of the short lane pass it in order of their start, but for one whose deadline is its own.
    if (state.phase === 'running' && (place !== 'short' || facts.deadlineMs !== undefined))
      this.#due.add(task, state.deadlineAtMs);
    if (state.phase === 'cancelled') this.#due.add(task, state.killAtMs);
  }

  /** Moves the deadline of a task that runs; its place stays. */
  postpone(task: number, byMs: number): void {
    const record = this.record(task);
    if (record.state.phase !== 'running') return;
    record.state = { ...record.state, deadlineAtMs: record.state.deadlineAtMs + byMs };
    if (this.#due.remove(task)) this.#due.add(task, record.state.deadlineAtMs);
  }

  /** It is in no place any more, and still known. */
  take(task: number): void {
    const record = this.#records.get(task);
    if (record !== undefined) this.#leave(record);
  }

  #leave(record: TaskRecord): void {
    if (record.list === undefined) return;
    record.list.remove(record);
    this.#due.remove(record.task);
  }

  delete(task: number): void {
    this.take(task);
    this.#records.delete(task);
  }

  /**
   * Those past their deadline, except in the short lane where it is not their own, and those that were given up and did not end. Each has to be taken from its
   * place before the next one is asked for.
   */
  *overdue(nowMs: number): Iterable<[task: number, state: Started, reason: 'deadline' | 'cancelled']> {
    for (;;) {
      const task = this.#due.peek();
      if (task === undefined || (this.#due.nextDueMs ?? nowMs) > nowMs) return;
      const { state } = this.record(task);
      if (state.phase !== 'running' && state.phase !== 'cancelled') throw new Error(`task ${task} is due and does not run`);
      yield [task, state, state.phase === 'running' ? 'deadline' : state.reason];
    }
  }

  /** When something is due for those that run: the end of a quantum, of a deadline or of a grace. */
  wakeAtMs(quantumMs: number): number {
    const dueMs = this.#due.nextDueMs ?? Number.POSITIVE_INFINITY;
    const { first } = this.short;
    let wakeMs = first === undefined ? dueMs : Math.min(dueMs, shortUntilMs(this.running(first.task), quantumMs));
    for (const task of this.late) wakeMs = Math.min(wakeMs, this.record(task).measureAtMs);
    return wakeMs;
  }
}

export function shortUntilMs(running: Running, quantumMs: number): number {
  return Math.min(running.startedMs + quantumMs, running.deadlineAtMs);
}
