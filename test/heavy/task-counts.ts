import { subscribe } from 'node:diagnostics_channel';
import type { PreforkEvent } from '../../src/events/events.ts';

/** How often the tasks of a server were started and ended, by what it published. */
export interface TaskCounts {
  readonly started: number;
  readonly ended: number;
  /** Tasks that were started a second time, not having been taken back before they began; a started task never is. */
  readonly startedTwice: number;
  readonly endedTwice: number;
}

/** Ids count from 1 in each server. */
const MOST_TASKS = 100_000;

/** Counts from now on. It must not hold more for more tasks, or it would be the leak that the test looks for. */
export function countTasks(): () => TaskCounts {
  const started = countById('task:started');
  const ended = countById('task:ended');
  // Sent to a worker that seemed free and was not: nothing of it ran, and another worker starts it.
  subscribe('prefork:task:revoked', (message) =>
    started.forget((message as Extract<PreforkEvent, { type: 'task:revoked' }>).task),
  );
  return () => ({ started: started.first, ended: ended.first, startedTwice: started.again, endedTwice: ended.again });
}

interface Counts {
  first: number;
  again: number;
  forget(task: number): void;
}

function countById(type: 'task:started' | 'task:ended'): Counts {
  const seen = new Uint8Array(MOST_TASKS);
  const counts: Counts = {
    first: 0,
    again: 0,
    forget(task) {
      counts.first -= seen[task] ?? 0;
      seen[task] = 0;
    },
  };
  subscribe(`prefork:${type}`, (message) => {
    const event = message as Extract<PreforkEvent, { type: typeof type }>;
    if (seen[event.task] === 1) counts.again += 1;
    else counts.first += 1;
    seen[event.task] = 1;
  });
  return counts;
}
