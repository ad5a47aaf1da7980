/** Everything that the screen shows follows from this, and from nothing else. */
import type { AdminEvent, State, WorkerInfo } from '../../admin/api.ts';
import type { Incident } from '../../diagnostics/incident.ts';
import type { StackReport } from '../../diagnostics/stack-report.ts';
import type { Sample } from './rates.ts';
import { type Order, shownWorkers } from './rows.ts';
import type { Tone } from './styled.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Times are Unix times, ms, of a clock that never jumps. */
export interface Model {
  readonly nowMs: number;
  readonly size: Size;
  /** The last that came; null before the first. */
  readonly state: State | null;
  readonly link: Link;
  readonly past: readonly Sample[];
  readonly order: Order;
  readonly isReversed: boolean;
  readonly filter: string;
  /** Id of the worker that the keys act on; null follows the first row, whichever that is. */
  readonly chosen: number | null;
  /** Index of the uppermost row of the table. */
  readonly first: number;
  readonly mode: InputMode;
  readonly details: Details | null;
  readonly notice: Notice | null;
  /** The newest. */
  readonly incident: Incident | null;
}

export type Link =
  | { readonly at: 'connecting' }
  | { readonly at: 'live'; readonly heardAtMs: number }
  | { readonly at: 'lost'; readonly why: string; readonly sinceMs: number };

/** What a key means. */
export type InputMode =
  | { readonly at: 'table' }
  | { readonly at: 'help' }
  /** `before` is what Escape goes back to. */
  | { readonly at: 'filter'; readonly before: string }
  /** The worker of the question, wherever its row has gone since. */
  | { readonly at: 'kill'; readonly worker: number; readonly pid: number; readonly what: string };

/** What is known of one worker; it stays when the worker is gone, for whoever reads it. */
export interface Details {
  readonly worker: WorkerInfo;
  readonly isGone: boolean;
  readonly look: Look;
}

export type Look =
  | { readonly at: 'looking' }
  | { readonly at: 'seen'; readonly report: StackReport }
  | { readonly at: 'failed'; readonly why: string };

/** Something to be read once. */
export interface Notice {
  readonly text: string;
  readonly tone: Tone;
  readonly untilMs: number;
}

export interface Key {
  /** As node:readline names it (`up`, `return`, `q`); empty where it does not. */
  readonly name: string;
  /** What it types; empty for keys that type nothing. */
  readonly text: string;
  readonly ctrl: boolean;
}

export type Happening =
  | AdminEvent
  | { readonly event: 'lost'; readonly why: string }
  | { readonly event: 'key'; readonly key: Key }
  | { readonly event: 'size'; readonly size: Size }
  | { readonly event: 'tick' }
  | { readonly event: 'looked'; readonly worker: number; readonly look: Look }
  | { readonly event: 'told'; readonly text: string; readonly tone: Tone };

export type Action = 'trace' | 'profile' | 'kill' | 'recycle';

/** What the shell is to do. */
export type Effect =
  | { readonly do: 'quit' }
  | { readonly do: 'suspend' }
  | { readonly do: 'redraw' }
  | { readonly do: Action; readonly worker: number; readonly pid: number };

export interface Step {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

export function initialModel(size: Size, nowMs: number): Model {
  return {
    nowMs,
    size,
    state: null,
    link: { at: 'connecting' },
    past: [],
    order: 'run',
    isReversed: false,
    filter: '',
    chosen: null,
    first: 0,
    mode: { at: 'table' },
    details: null,
    notice: null,
    incident: null,
  };
}

export function rowsOf(model: Model): readonly WorkerInfo[] {
  return shownWorkers(model.state?.workers ?? [], model);
}

/** Index of the row that the keys act on; -1 when there is none. */
export function chosenIndex(model: Model, rows: readonly WorkerInfo[]): number {
  if (model.chosen === null) return rows.length > 0 ? 0 : -1;
  return rows.findIndex(({ id }) => id === model.chosen);
}
