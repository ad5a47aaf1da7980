/** What was seen of each worker since this page is open: its figures, once a second, and the tasks that it ran. */
import type { State, WorkerInfo } from './types.ts';

const SAMPLE_EVERY_MS = 1000;
const MOST_SAMPLES = 600;
const MOST_TASKS = 50;
/** Workers that are gone are kept for whoever looks at their page; the oldest make room. */
const MOST_WORKERS = 400;

export interface SeenTask {
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly startedAt: string;
  /** As it was last seen. */
  runMs: number;
  lane: WorkerInfo['lane'];
  isOver: boolean;
}

export interface WorkerTrack {
  /** As it was last seen. */
  info: WorkerInfo;
  isGone: boolean;
  /** Unix time in seconds, beside the figures. */
  readonly at: number[];
  readonly cpuPercent: number[];
  readonly rssBytes: number[];
  readonly eventLoopDelayMs: number[];
  /** The newest first. */
  readonly tasks: SeenTask[];
}

const tracks = new Map<number, WorkerTrack>();

export function trackOf(worker: number): WorkerTrack | undefined {
  return tracks.get(worker);
}

export function forgetTracks(): void {
  tracks.clear();
}

export function trackWorkers({ workers }: State, nowMs: number = Date.now()): void {
  const present = new Set<number>();
  for (const worker of workers) {
    present.add(worker.id);
    track(worker, nowMs);
  }
  for (const [id, known] of tracks) {
    if (present.has(id)) continue;
    known.isGone = true;
    for (const task of known.tasks) task.isOver = true;
    if (tracks.size > MOST_WORKERS) tracks.delete(id);
  }
}

function track(worker: WorkerInfo, nowMs: number): void {
  let known = tracks.get(worker.id);
  if (known === undefined) {
    known = { info: worker, isGone: false, at: [], cpuPercent: [], rssBytes: [], eventLoopDelayMs: [], tasks: [] };
    tracks.set(worker.id, known);
  }
  known.info = worker;
  noteTask(known, worker);
  const last = known.at.at(-1);
  // The state comes twice a second, and never exactly so.
  if (last !== undefined && nowMs - last * 1000 < SAMPLE_EVERY_MS * 0.9) return;
  push(known.at, nowMs / 1000);
  push(known.cpuPercent, worker.cpuPercent);
  push(known.rssBytes, worker.rssBytes);
  push(known.eventLoopDelayMs, worker.eventLoopDelayMs);
}

function push(column: number[], value: number): void {
  column.push(value);
  if (column.length > MOST_SAMPLES) column.shift();
}

function noteTask({ tasks }: WorkerTrack, { task, lane }: WorkerInfo): void {
  for (const seen of tasks) seen.isOver = seen.id !== task?.id;
  if (task === null) return;
  const seen = tasks.find(({ id }) => id === task.id);
  if (seen === undefined) {
    const { id, method, url, startedAt, runMs } = task;
    tasks.unshift({ id, method, url, startedAt, runMs, lane, isOver: false });
    if (tasks.length > MOST_TASKS) tasks.pop();
    return;
  }
  seen.runMs = task.runMs;
  seen.lane = lane;
}
