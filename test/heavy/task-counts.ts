import { subscribe } from 'node:diagnostics_channel';
import type { PreforkEvent } from '../../src/events/events.ts';

/** How often the tasks of a server were started and ended, by what it published. */
export interface TaskCounts {
  readonly started: number;
  readonly ended: number;
  /** Tasks that were started a second time; a started task never is. */
  readonly startedTwice: number;
  readonly endedTwice: number;
}

/** Ids count from 1 in each server. */
const MOST_TASKS = 100_000;

/** Counts from now on. It must not hold more for more tasks, or it would be the leak that the test looks for. */
export function countTasks(): () => TaskCounts {
  const started = countById('task:started');
  const ended = countById('task:ended');
  return () => ({ started: started.first, ended: ended.first, startedTwice: started.again, endedTwice: ended.again });
}

function countById(type: 'task:started' | 'task:ended'): { first: number; again: number } {
  const counts = { first: 0, again: 0 };
  const seen = new Uint8Array(MOST_TASKS);
  subscribe(`prefork:${type}`, (message) => {
    const event = message as Extract<PreforkEvent, { type: typeof type }>;
    if (seen[event.task] === 1) counts.again += 1;
    else counts.first += 1;
    seen[event.task] = 1;
  });
  return counts;
}
