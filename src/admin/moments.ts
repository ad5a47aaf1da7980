import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventType, PreforkEvent } from '../events/events.ts';
import type { AdminEvent } from './api.ts';

export type Moment = Extract<AdminEvent, { event: 'moment' }>['data'];

/** What handlers print belongs to the log; begin and end of each task would be a stream as wide as the traffic, and are counted instead. */
type Untold = 'worker:output' | 'task:started' | 'task:ended' | 'call:ended';

/** A new event has to be told or untold here. */
const TOLD: Readonly<Record<Exclude<EventType, Untold>, true>> = {
  'server:listening': true,
  'server:draining': true,
  'server:closed': true,
  'server:notice': true,
  'server:reloading': true,
  'server:reloaded': true,
  'server:reload-failed': true,
  'worker:starting': true,
  'worker:ready': true,
  'worker:health': true,
  'worker:draining': true,
  'worker:killing': true,
  'worker:gone': true,
  'worker:boot-failed': true,
  'boots:paused': true,
  'boots:resumed': true,
  'task:demoted': true,
  'task:requeued': true,
  'task:overstays': true,
  'task:revoked': true,
  'task:retried': true,
  'call:retried': true,
  'task:failed': true,
  'task:slow': true,
};

/** A handler may throw an error of any length. */
const LONGEST_TEXT_CHARACTERS = 4096;

/** Calls back with each moment as it is published, until the returned function is called. */
export function watchMoments(onMoment: (moment: Moment) => void): () => void {
  const listener = (event: unknown): void => {
    const { type, ...fields } = event as PreforkEvent;
    const told: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) told[name] = cut(value);
    onMoment({ ...told, at: new Date().toISOString(), type });
  };
  const names = Object.keys(TOLD).map((type) => `prefork:${type}`);
  for (const name of names) subscribe(name, listener);
  return () => {
    for (const name of names) unsubscribe(name, listener);
  };
}

function cut(value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT_CHARACTERS) : value;
}
