import { formatDuration } from '../config/duration.ts';
import type { Settings } from '../config/settings.ts';
import { assertNever } from '../errors/assert-never.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import type { RejectReason } from '../scheduler/types.ts';
import { describeEnd, type Life } from '../supervisor/decisions/life.ts';

type RejectionSettings = Pick<Settings, 'queueLimit' | 'queueTimeoutMs'> & Partial<Pick<Settings, 'queuePatienceMs'>>;

/** The errors that a task can meet on its way to a worker and on it, in words for the client. */
export function rejection(reason: RejectReason, settings: RejectionSettings): PreforkError {
  switch (reason) {
    case 'queueFull':
      return new PreforkError('ERR_QUEUE_FULL', `all workers are busy, and ${settings.queueLimit} tasks wait already`);
    case 'overloaded': {
      const patience = formatDuration(settings.queuePatienceMs ?? 0);
      return new PreforkError('ERR_QUEUE_FULL', `all CPUs are busy, and as many tasks wait as end within ${patience}`);
    }
    case 'queueTimeout':
      return new PreforkError('ERR_QUEUE_TIMEOUT', `no worker was free within ${formatDuration(settings.queueTimeoutMs)}`);
    case 'longLaneFull':
      return new PreforkError('ERR_LONG_LANE_FULL', 'tasks of this kind take long, and as many as may run are running');
    case 'noWorker':
      return new PreforkError('ERR_NO_WORKER', 'no worker runs, and new ones fail to boot');
    case 'closing':
      return new PreforkError('ERR_SHUTTING_DOWN', 'the server is ending');
    default:
      return assertNever(reason);
  }
}

export function deadlineError(deadlineMs: number, incident?: string): PreforkError {
  return new PreforkError('ERR_DEADLINE', `the task ran longer than its deadline of ${formatDuration(deadlineMs)}`, { incident });
}

/** The worker is gone in the middle of the task. */
export function workerLost(life: Life, incident: string | undefined): PreforkError {
  if (life.phase === 'gone' && life.end.kind === 'killed' && life.end.reason === 'protocol') {
    return new PreforkError('ERR_WORKER_PROTOCOL', 'the worker broke the channel protocol and was ended', { incident });
  }
  const how = life.phase === 'gone' ? describeEnd(life.end) : 'gone';
  return new PreforkError('ERR_WORKER_DIED', `the worker ended while it ran the task: ${how}`, { incident });
}
