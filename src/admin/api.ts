/**
 * The admin API: what goes over the wire, in both directions. The server, the commands and the dashboard all take their types from here.
 *
 *     GET  /api/state                      State
 *     GET  /api/events                     text/event-stream of AdminEvent, with ids; `Last-Event-ID` resumes
 *     GET  /api/history                    FiguresSeries: the last ten minutes
 *     GET  /api/incidents                  Incidents
 *     GET  /api/incidents/ID               Incident
 *     GET  /api/settings                   SettingsInForce
 *     POST /api/workers/PID/trace          StackReport
 *     POST /api/workers/PID/profile        { seconds? } -> a .cpuprofile (application/json)
 *     POST /api/workers/PID/heap           -> a .heapsnapshot, streamed (application/json)
 *     POST /api/workers/PID/inspect        { holdDeadline? } -> Inspection, as the first line of an answer that stays open until the
 *                                          client ends it (application/x-ndjson): then the inspector is closed again
 *     POST /api/workers/PID/recycle|kill   Done
 *     POST /api/reload                     ReloadReport, when the new code serves; 409 with ERR_RELOAD when it does not boot
 *     POST /api/scale                      { workers } -> Done
 *     POST /api/stop                       { force? } -> Done, as the end begins
 *     GET  /metrics                        Prometheus text
 *     GET  /livez, /readyz                 200 or 503, text/plain
 *
 * PID may be a worker's id too, written `w12`: threads share one pid. An error is an AdminProblem (application/problem+json).
 */
import type { Incident, IncidentGroup } from '../diagnostics/incident.ts';

export type ServerState = 'starting' | 'serving' | 'reloading' | 'draining' | 'closed';
export type WorkerState = 'starting' | 'idle' | 'busy' | 'draining' | 'killing';

export interface State {
  readonly server: {
    readonly pid: number;
    readonly mode: string;
    readonly version: string;
    /** As `process.version`. */
    readonly node: string;
    /** ISO 8601. */
    readonly startedAt: string;
    readonly url: string;
    readonly state: ServerState;
    /** Absolute path of the module that is served. */
    readonly entry: string;
    /** Counts the code: 1 at the start, one more with each reload. */
    readonly generation: number;
    readonly rssBytes: number;
    /** Percent of one CPU. */
    readonly cpuPercent: number;
    /** 99th percentile of the last seconds, ms. */
    readonly eventLoopDelayMs: number;
  };
  readonly workers: readonly WorkerInfo[];
  readonly queue: {
    readonly depth: number;
    readonly limit: number;
    readonly oldestMs: number;
  };
  /** null in the modes that have no lanes: blocking and cluster. */
  readonly lanes: null | Lanes;
  readonly totals: Totals;
}

/** Who is where, and what was done to tasks on account of their lane. */
export interface Lanes {
  /** `overstaying`: past the quantum on a worker that is reserved for short ones, since the long lane is full. `connections` are held, such as WebSockets. */
  readonly running: { readonly short: number; readonly long: number; readonly overstaying: number; readonly connections: number };
  /** `short`: for any worker. `long`: for the long lane. */
  readonly waiting: { readonly short: number; readonly long: number };
  readonly totals: LaneTotals;
}

/** Since the start of the server. */
export interface LaneTotals {
  /** Outlived the quantum, and went on in the long lane. */
  readonly demoted: number;
  /** The same with the long lane full: their worker was ended, and they waited for the long lane. */
  readonly requeued: number;
  /** The same for those that could not be started again: they went on where they were. */
  readonly overstayed: number;
  /** Began in the long lane, since what is known of their key says that they are long. */
  readonly expectedLong: number;
  /** Started once more after their worker had died. */
  readonly retried: number;
  /** Turned away with 503 before they began, by why. `longLaneFull`: long by all that is known of their key, and no room for them. */
  readonly rejected: {
    readonly queueFull: number;
    readonly overloaded: number;
    readonly queueTimeout: number;
    readonly longLaneFull: number;
    readonly noWorker: number;
    readonly closing: number;
  };
}

export interface WorkerInfo {
  /** Counts from 1, never used twice. */
  readonly id: number;
  readonly pid: number;
  readonly kind: 'process' | 'thread';
  readonly state: WorkerState;
  /** Of the task that it runs; null when it runs none, and where there are no lanes. */
  readonly lane: 'short' | 'long' | null;
  readonly served: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** null until it is ready. */
  readonly bootMs: number | null;
  /** This and the next two are as of the last heartbeat, and 0 until the first one, half a second after the start. */
  readonly rssBytes: number;
  /** Percent of one CPU, over the last heartbeat. */
  readonly cpuPercent: number;
  readonly eventLoopDelayMs: number;
  /** `alive`: its event loop turns. `busy`: it computes. `hung`: nothing was heard of it. */
  readonly health: 'alive' | 'busy' | 'hung';
  readonly generation: number;
  /** The oldest that it runs. */
  readonly task: null | TaskInfo;
  /** How many it runs; more than one with --concurrency and in mode cluster. */
  readonly running: number;
}

export interface TaskInfo {
  readonly id: number;
  readonly method: string;
  readonly url: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly runMs: number;
}

/** Since the start of the server. `admitted` is what was taken; each ends as exactly one of the next six. In mode cluster as of the last heartbeats. */
export interface Totals {
  readonly admitted: number;
  readonly completed: number;
  /** The handler threw, or answered with nonsense. */
  readonly failed: number;
  /** Its worker ended while it ran. */
  readonly crashed: number;
  /** It ran past its deadline. */
  readonly timedOut: number;
  /** Its client left, or broke its request off, or the end of the server cut it off. */
  readonly cancelled: number;
  /** Turned away with 503, never started. */
  readonly rejected: number;
  readonly incidents: number;
}

/** A second in figures. */
export interface Figures {
  /** ISO 8601, the end of it. */
  readonly at: string;
  readonly admittedPerSecond: number;
  /** Over in any way, errors included. */
  readonly answeredPerSecond: number;
  /** Of tasks that ended in the last ten seconds within the quantum; null when there was none. */
  readonly short: Latency | null;
  /** Of those that outran it. */
  readonly long: Latency | null;
  readonly queueDepth: number;
  readonly workers: Readonly<Record<WorkerState, number>>;
  /** Workers by the lane of what they run. */
  readonly lanes: { readonly short: number; readonly long: number };
  /** Of the primary; 99th percentile of the last seconds. */
  readonly eventLoopDelayMs: number;
  /** Percent of one CPU. */
  readonly primaryCpuPercent: number;
  readonly primaryRssBytes: number;
  /** All together; percent of one CPU. */
  readonly workersCpuPercent: number;
  /** All processes together; 0 for threads, whose memory is that of the primary. */
  readonly workersRssBytes: number;
}

/** Estimated from the buckets of a histogram, as Prometheus does; 60,000 stands for that and more. */
export interface Latency {
  readonly count: number;
  /** Run time, ms. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  /** Time before they were begun, ms. */
  readonly queueP99Ms: number;
}

export interface FiguresSeries {
  /** The oldest first, a second apart. */
  readonly samples: readonly Figures[];
}

export interface Incidents {
  /** Groups by their newest incident, newest first. */
  readonly groups: readonly IncidentGroup[];
  /** The newest first, as many as are kept. */
  readonly incidents: readonly Incident[];
  /** Those that are no longer kept. */
  readonly dropped: number;
}

export interface SettingsInForce {
  readonly settings: readonly {
    readonly name: string;
    readonly value: string | number | boolean;
    /** `flag`, `option`, `environment`, `file` or `default`. */
    readonly source: string;
  }[];
}

export interface Inspection {
  readonly pid: number;
  /** `ws://127.0.0.1:PORT/UUID` */
  readonly webSocketUrl: string;
  /** To open in Chrome. */
  readonly devtoolsUrl: string;
}

/** What came of a reload. */
export interface ReloadReport {
  /** The number of the code that is served now; that of the start is 1. */
  readonly generation: number;
  /** Workers with the old code that were told to drain. */
  readonly replaced: number;
  /** Until no new request met the old code, ms. */
  readonly tookMs: number;
}

export interface Done {
  readonly done: string;
}

/** RFC 9457, with a stable code of `errors/codes.ts`. */
export interface AdminProblem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** `event:` of the stream and its `data:`. The ids count up; a client that was away for too long gets a `state` in place of what it missed. */
export type AdminEvent =
  | { readonly event: 'state'; readonly data: State }
  | { readonly event: 'incident'; readonly data: Incident }
  /** Once a second. */
  | { readonly event: 'figures'; readonly data: Figures }
  /** A moment in the life of a worker or a task, as it was published: what `events/events.ts` has, without what a handler printed and without the begin and end of each task. */
  | {
      readonly event: 'moment';
      readonly data: { readonly at: string; readonly type: string; readonly [field: string]: unknown };
    };
