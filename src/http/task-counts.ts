/**
 * What became of the tasks of one front, and how long they waited and ran: plain cells that only ever grow, so that counting costs
 * next to nothing. In mode cluster the cells are memory that the watchdog reads while the main thread computes.
 */
import type { ErrorCode } from '../errors/codes.ts';

/** Each admitted task ends as exactly one of these. */
export const TASK_ENDS = ['completed', 'failed', 'crashed', 'timedOut', 'cancelled', 'rejected'] as const;
export type TaskEnd = (typeof TASK_ENDS)[number];

export type TaskTotals = { readonly [Name in 'admitted' | TaskEnd]: number };

/** Upper bounds of the buckets of a histogram, ms; one more bucket has what takes longer. */
export const TIME_BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000] as const;

export interface TaskTimes {
  /** Tasks by bucket of `TIME_BOUNDS_MS`, each in one of them alone. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** Of tasks that began: `long` ran for more than the quantum. */
export type LaneTimes = { readonly [Lane in 'short' | 'long']: { readonly queue: TaskTimes; readonly run: TaskTimes } };

const BUCKETS = TIME_BOUNDS_MS.length + 1;
const FIRST_HISTOGRAM = 1 + TASK_ENDS.length;
const HISTOGRAM_CELLS = BUCKETS + 1;
export const TASK_CELLS = FIRST_HISTOGRAM + 4 * HISTOGRAM_CELLS;

const CELL_OF_END: Readonly<Record<TaskEnd, number>> = {
  completed: 1,
  failed: 2,
  crashed: 3,
  timedOut: 4,
  cancelled: 5,
  rejected: 6,
};

export class TaskCounts {
  readonly cells: Float64Array;
  readonly #quantumMs: number;

  /** @param quantumMs run time beyond which a task counts as long */
  constructor(quantumMs: number, cells: Float64Array = new Float64Array(TASK_CELLS)) {
    this.cells = cells;
    this.#quantumMs = quantumMs;
  }

  admit(): void {
    this.#add(0, 1);
  }

  /** @param times undefined for one that never began */
  end(end: TaskEnd, times: { readonly queueMs: number; readonly runMs: number } | undefined): void {
    if (times !== undefined) {
      const first = FIRST_HISTOGRAM + (times.runMs > this.#quantumMs ? 2 * HISTOGRAM_CELLS : 0);
      this.#observe(first, times.queueMs);
      this.#observe(first + HISTOGRAM_CELLS, times.runMs);
    }
    this.#add(CELL_OF_END[end], 1);
  }

  #observe(first: number, ms: number): void {
    let bucket = 0;
    for (const bound of TIME_BOUNDS_MS) {
      if (ms <= bound) break;
      bucket += 1;
    }
    this.#add(first + bucket, 1);
    this.#add(first + BUCKETS, ms);
  }

  #add(cell: number, amount: number): void {
    this.cells[cell] = (this.cells[cell] ?? 0) + amount;
  }
}

/** Adds the cells of one front to those of others. */
export function addCells(sum: Float64Array, cells: ArrayLike<number>): void {
  for (let cell = 0; cell < TASK_CELLS; cell += 1) sum[cell] = (sum[cell] ?? 0) + (cells[cell] ?? 0);
}

export function totalsOf(cells: ArrayLike<number>): TaskTotals {
  const of = (end: TaskEnd): number => cells[CELL_OF_END[end]] ?? 0;
  return {
    admitted: cells[0] ?? 0,
    completed: of('completed'),
    failed: of('failed'),
    crashed: of('crashed'),
    timedOut: of('timedOut'),
    cancelled: of('cancelled'),
    rejected: of('rejected'),
  };
}

/** Tasks that are not over. */
export function openTasks(cells: ArrayLike<number>): number {
  return Math.max(0, (cells[0] ?? 0) - endedTasks(cells));
}

export function endedTasks(cells: ArrayLike<number>): number {
  return TASK_ENDS.reduce((sum, end) => sum + (cells[CELL_OF_END[end]] ?? 0), 0);
}

/** Books tasks that are not over as ended in this way: what they ran in is gone. */
export function endAs(cells: Float64Array, end: TaskEnd, count: number): void {
  const cell = CELL_OF_END[end];
  cells[cell] = (cells[cell] ?? 0) + count;
}

export function timesOf(cells: ArrayLike<number>): LaneTimes {
  const read = (histogram: number): TaskTimes => {
    const first = FIRST_HISTOGRAM + histogram * HISTOGRAM_CELLS;
    const counts = Array.from({ length: BUCKETS }, (_, bucket) => cells[first + bucket] ?? 0);
    return { counts, sumMs: cells[first + BUCKETS] ?? 0 };
  };
  return { short: { queue: read(0), run: read(1) }, long: { queue: read(2), run: read(3) } };
}

/** How a task ended that was answered with an error. @param begun whether a worker had begun it */
export function endOfError(code: ErrorCode, begun: boolean): TaskEnd {
  switch (code) {
    case 'ERR_HANDLER_THREW':
    case 'ERR_HANDLER_RESPONSE':
      return 'failed';
    case 'ERR_WORKER_DIED':
    case 'ERR_WORKER_PROTOCOL':
      return 'crashed';
    case 'ERR_DEADLINE':
      return 'timedOut';
    case 'ERR_QUEUE_FULL':
    case 'ERR_QUEUE_TIMEOUT':
    case 'ERR_LONG_LANE_FULL':
    case 'ERR_NO_WORKER':
    case 'ERR_SHUTTING_DOWN':
      // One that the end of the server cut off had begun.
      return begun ? 'cancelled' : 'rejected';
    default:
      // The client's own doing, such as a body that is too large.
      return 'cancelled';
  }
}
