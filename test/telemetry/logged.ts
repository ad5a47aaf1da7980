import type { PreforkEvent } from '../../src/events/events.ts';
import type { LogLine } from '../../src/telemetry/log-line.ts';

/** An event, and how it is to be logged; no level where it is for metrics alone. */
export interface Logged<E extends PreforkEvent = PreforkEvent> {
  readonly event: E;
  readonly level?: LogLine['level'];
  readonly message?: string;
  readonly fields?: LogLine['fields'];
}
