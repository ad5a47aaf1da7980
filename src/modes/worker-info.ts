import type { TaskInfo, WorkerInfo, WorkerState } from '../admin/api.ts';
import { assertNever } from '../errors/assert-never.ts';
import type { Health } from '../supervisor/decisions/health.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/** What a mode knows of a worker beside what its supervisor does. */
export interface WorkerLoad {
  readonly health: Health;
  readonly lane: 'short' | 'long' | null;
  readonly served: number;
  readonly running: number;
  readonly task: TaskInfo | null;
}

/** A URL may be as long as a head; nobody reads more of it. */
const LONGEST_URL_CHARACTERS = 512;
/** Two reports of a thread that did not come. */
const SILENT_MS = 1000;

/** A worker as the admin API shows it. */
export function workerInfo(worker: SupervisedWorker, load: WorkerLoad): WorkerInfo {
  const { id, pid, kind, bootMs, vitals, cpuPercent } = worker;
  return {
    id,
    pid,
    kind,
    state: stateOf(worker, load.running),
    lane: load.lane,
    served: load.served,
    startedAt: isoTime(worker.startedMs),
    bootMs: bootMs === undefined ? null : Math.round(bootMs),
    rssBytes: vitals?.rssBytes ?? 0,
    cpuPercent,
    eventLoopDelayMs: delayOf(worker),
    health: load.health,
    generation: worker.generation,
    task: load.task,
    running: load.running,
  };
}

/** A thread reports for itself, every half second: when it is silent for longer, its event loop has not turned since. */
function delayOf({ kind, life, vitals, lastHeartbeatMs }: SupervisedWorker): number {
  const reportedMs = vitals?.eventLoopDelayMs ?? 0;
  if (kind === 'process' || life.phase === 'starting') return reportedMs;
  const silentMs = Math.round(performance.now() - lastHeartbeatMs);
  return silentMs >= SILENT_MS ? silentMs : reportedMs;
}

function stateOf({ life }: SupervisedWorker, running: number): WorkerState {
  switch (life.phase) {
    case 'starting':
      return 'starting';
    case 'ready':
      return running > 0 ? 'busy' : 'idle';
    case 'draining':
      return 'draining';
    case 'killing':
    case 'gone':
      return 'killing';
    default:
      return assertNever(life);
  }
}

export function taskInfo(id: number, method: string, url: string, startedMs: number): TaskInfo {
  return {
    id,
    method,
    url: url.length > LONGEST_URL_CHARACTERS ? `${url.slice(0, LONGEST_URL_CHARACTERS)}…` : url,
    startedAt: isoTime(startedMs),
    runMs: Math.max(0, Math.round(performance.now() - startedMs)),
  };
}

/** ISO 8601 of a time of `performance.now()`. */
function isoTime(ms: number): string {
  return new Date(performance.timeOrigin + ms).toISOString();
}
