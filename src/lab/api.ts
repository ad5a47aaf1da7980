/**
 * The lab: what goes over the wire between it and its page.
 *
 *     GET  /api/lab                   LabState
 *     GET  /api/events                text/event-stream of `state` with a LabState: at each change, and twice a second
 *     POST /api/ask                   { mode?, number, times? } -> Done: opens tabs, in all lanes without a mode
 *     POST /api/close                 { mode?, tab? } -> Done: closes a tab; those of a lane, or all, are forgotten too
 *     POST /api/run                   Done: begins the whole story
 *     POST /api/halt                  Done: ends it
 *     POST /api/lanes/MODE/kill       Done: SIGKILL to the primary of the lane
 *     POST /api/lanes/MODE/start      Done: starts the lane again
 */
import type { WorkerInfo } from '../admin/api.ts';

export type LabMode = 'blocking' | 'fork' | 'pool' | 'thread' | 'cluster';

export interface LabState {
  readonly node: string;
  readonly cpus: number;
  /** Most tabs of a lane that are loading at once. */
  readonly mostTabs: number;
  readonly lanes: readonly Lane[];
  /** null before the first. */
  readonly run: Run | null;
}

/** One server in one mode, and what was asked of it. */
export interface Lane {
  readonly mode: LabMode;
  /** What started it, as a user would type it. */
  readonly command: string;
  readonly server: LaneServer;
  /** The newest last. */
  readonly tabs: readonly Tab[];
  /** Those of the server that are alive; null where there is no /proc to tell. */
  readonly processes: readonly LaneProcess[] | null;
  /** Of the last primary that ended. */
  readonly end: LaneEnd | null;
}

export type LaneServer =
  | { readonly is: 'starting'; readonly pid: number }
  /** `dashboard` and `url` have no slash at the end. */
  | { readonly is: 'serving'; readonly pid: number; readonly url: string; readonly dashboard: string | null }
  /** `why` in a sentence. */
  | { readonly is: 'gone'; readonly why: string };

/** One request, as a tab of a browser would make it. */
export interface Tab {
  readonly id: number;
  readonly number: number;
  readonly is: TabState;
  /** Until its answer; until now while there is none. */
  readonly ms: number;
  /** Who answered. */
  readonly pid: number | null;
  readonly prime: boolean | null;
  /** In a few words, of what failed. */
  readonly why: string | null;
}

export type TabState = 'loading' | 'answered' | 'failed' | 'closed';

export interface LaneProcess {
  readonly pid: number;
  readonly role: 'primary' | 'worker' | 'sentinel' | 'other';
  /** Its primary is gone. */
  readonly isOrphan: boolean;
  /** Percent of one CPU, since the last look. */
  readonly cpuPercent: number;
  readonly rssBytes: number;
  /** The worker in it, or the threads, as the server tells them. */
  readonly workers: readonly LaneWorker[];
}

export type LaneWorker = Pick<WorkerInfo, 'id' | 'state' | 'lane' | 'health'>;

/** What became of a primary that ended, and of its children. */
export interface LaneEnd {
  readonly pid: number;
  /** How it ended, such as `SIGKILL`. */
  readonly how: string;
  /** Its processes when it ended, without itself. */
  readonly children: number;
  /** Of them, those that are still there: orphans. */
  readonly left: number;
  /** How long after its end the last of them was gone; null while there are any. */
  readonly allGoneMs: number | null;
}

/** The story that plays by itself. */
export interface Run {
  readonly is: 'running' | 'done' | 'halted' | 'failed';
  /** Of all steps, 0 to 1. */
  readonly progress: number;
  /** What it does, or why it ended. */
  readonly told: string;
  /** What a long request asks. */
  readonly longNumber: number;
  readonly shortNumber: number;
  /** How many long requests there are, in turn. */
  readonly longs: readonly number[];
  readonly results: readonly ModeResult[];
  readonly tookMs: number;
}

export interface ModeResult {
  readonly mode: LabMode;
  /** Beside `longs`, as far as it got. */
  readonly points: readonly Point[];
}

/** Short requests, one after the other, beside so many long ones. */
export interface Point {
  readonly longs: number;
  readonly count: number;
  readonly p50Ms: number;
  readonly slowestMs: number;
  /** The last one was given up: it would have taken longer. */
  readonly isAtLeast: boolean;
}

export type LabEvent = { readonly event: 'state'; readonly data: LabState };
