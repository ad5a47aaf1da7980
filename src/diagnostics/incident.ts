import type { StackReport } from './stack-report.ts';

/**
 * `slow`: it ran for `--slow` and goes on, or went on. `hung`: its worker went silent. `deadline`: it was ended at its deadline. `crash`:
 * its worker ended while it ran. `boot`: a worker did not boot. `cancelled`: its client left while it computed.
 */
export type IncidentKind = 'slow' | 'hung' | 'deadline' | 'crash' | 'boot' | 'cancelled';

/** How the task, or the boot, ended; null while it goes on. */
export interface IncidentEnd {
  /** ISO 8601. */
  readonly at: string;
  /** One sentence, such as `killed at the deadline` or `it finished by itself with status 200`. */
  readonly how: string;
  readonly status: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A moment in the life of the task: `queued`, `started`, `demoted`, `reported`, `killed`, `ended`. */
export interface IncidentMoment {
  /** ms since the task was received. */
  readonly atMs: number;
  readonly what: string;
}

/** The record of one task (or boot) that went wrong. */
export interface Incident {
  /** Random, 12 characters of [0-9a-z]; the client's problem document carries the same as `incident`. */
  readonly id: string;
  readonly kind: IncidentKind;
  /** Incidents with the same group have the same cause, as far as can be told: kind, route and place in the source. */
  readonly group: string;
  /** ISO 8601. */
  readonly at: string;
  readonly mode: string;
  readonly worker: { readonly id: number; readonly pid: number } | null;
  /** Headers and body never. `route` is the key by which its cost is learned. */
  readonly request: { readonly task: number; readonly method: string; readonly url: string; readonly route: string } | null;
  /** The last figures of the worker before the record was made. */
  readonly figures: {
    readonly runMs: number;
    readonly queueMs: number;
    /** CPU time of the worker since the task began, ms, as far as its heartbeats tell. */
    readonly cpuMs: number | null;
    readonly rssBytes: number | null;
    readonly eventLoopDelayMs: number | null;
  } | null;
  readonly stack: StackReport | null;
  /** Stack and cause of the error that ended the worker, or the last lines that it printed to stderr. */
  readonly lastWords: readonly string[];
  readonly timeline: readonly IncidentMoment[];
  readonly end: IncidentEnd | null;
}

/** Incidents of one cause. */
export interface IncidentGroup {
  readonly group: string;
  readonly kind: IncidentKind;
  /** One line: what happened, and where. */
  readonly title: string;
  readonly count: number;
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** The newest of those that are kept, newest first. */
  readonly ids: readonly string[];
}
