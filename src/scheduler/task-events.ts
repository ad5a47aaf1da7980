import type { SchedulerEvent, TaskEvent } from './types.ts';

export function isTaskEvent({ type }: SchedulerEvent): boolean {
  return type === 'TaskArrived' || type === 'TaskStarted' || type === 'TaskCommitted' || type === 'TaskEnded';
}

/** Those from a place on that may be taken at once, up to the first other one. */
export function taskEventsFrom(events: readonly SchedulerEvent[], from: number, most: number): readonly TaskEvent[] {
  let end = from;
  for (let event = events[end]; event !== undefined && end < from + most && isTaskEvent(event); event = events[end]) end += 1;
  // Mostly all of them are.
  return (from === 0 && end === events.length ? events : events.slice(from, end)) as readonly TaskEvent[];
}
