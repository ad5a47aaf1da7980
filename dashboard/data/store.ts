/** What the page knows of the server. The stream writes it, the components read it. All of it is bounded. */
import { batch, computed, signal } from '@preact/signals';
import { forgetTracks, trackWorkers } from './worker-tracks.ts';
import type { Figures, Incident, Incidents, Moment, State } from './types.ts';

const MOST_SAMPLES = 600;
const MOST_MOMENTS = 300;
const MOST_GHOSTS = 24;
const MOST_KEPT_INCIDENTS = 200;
/** For how long a tile of a worker that ended stays, so that one sees that it did, and why. */
const GHOST_MS = 8000;

/** A worker that ended a moment ago. */
export interface Ghost {
  readonly id: number;
  readonly pid: number;
  readonly reason: string;
  readonly unexpected: boolean;
  readonly atMs: number;
}

export const state = signal<State | null>(null);
/** The last ten minutes, the oldest first. */
export const samples = signal<readonly Figures[]>([]);
/** The newest first. */
export const moments = signal<readonly Moment[]>([]);
export const ghosts = signal<readonly Ghost[]>([]);
export const incidents = signal<Incidents | null>(null);

export const latest = computed(() => samples.value.at(-1));

/** A moment that arrives while another is drawn would be drawn twice: they are put in with the next state. */
let waiting: Moment[] = [];
/** Which run of which server all of this is of. */
let run = '';

export function takeState(next: State): void {
  const thisRun = `${next.server.pid} ${next.server.startedAt}`;
  batch(() => {
    if (run !== '' && run !== thisRun) forgetAll();
    run = thisRun;
    state.value = next;
    trackWorkers(next);
    takeWaiting();
    const nowMs = Date.now();
    if (ghosts.value.some((ghost) => nowMs - ghost.atMs > GHOST_MS))
      ghosts.value = ghosts.value.filter((ghost) => nowMs - ghost.atMs <= GHOST_MS);
  });
}

export function takeMoment(moment: Moment): void {
  waiting.push(moment);
  if (waiting.length > MOST_MOMENTS) waiting.shift();
}

/** Also those that came before, in any order. */
export function takeSamples(more: readonly Figures[]): void {
  const last = samples.value.at(-1)?.at ?? '';
  const isNext = more.length === 1 && (more[0]?.at ?? '') > last;
  const all = isNext ? [...samples.value, ...more] : mergeByTime(samples.value, more);
  samples.value = all.slice(-MOST_SAMPLES);
}

/** One that is new, or has news; the groups come with the list. */
export function takeIncident(incident: Incident): void {
  const known = incidents.value;
  if (known === null) return;
  const others = known.incidents.filter(({ id }) => id !== incident.id);
  incidents.value = { ...known, incidents: [incident, ...others].slice(0, MOST_KEPT_INCIDENTS) };
}

function takeWaiting(): void {
  if (waiting.length === 0) return;
  const arrived = waiting.toReversed();
  waiting = [];
  moments.value = [...arrived, ...moments.value].slice(0, MOST_MOMENTS);
  const fresh = arrived.map(ghostOf).filter((ghost) => ghost !== null);
  if (fresh.length > 0) ghosts.value = [...fresh, ...ghosts.value].slice(0, MOST_GHOSTS);
}

/** In mode fork each task ends its worker: only what is no such end is worth a look. */
function ghostOf(moment: Moment): Ghost | null {
  const { type, worker, pid, reason, unexpected } = moment;
  if (type !== 'worker:gone' || typeof worker !== 'number' || typeof pid !== 'number') return null;
  if (state.value?.server.mode === 'fork' && unexpected !== true && !String(reason).includes('kill')) return null;
  return { id: worker, pid, reason: String(reason), unexpected: unexpected === true, atMs: Date.now() };
}

function mergeByTime(some: readonly Figures[], others: readonly Figures[]): Figures[] {
  const byTime = new Map([...some, ...others].map((figures) => [figures.at, figures]));
  return [...byTime.values()].toSorted((one, other) => one.at.localeCompare(other.at));
}

function forgetAll(): void {
  samples.value = [];
  moments.value = [];
  ghosts.value = [];
  incidents.value = null;
  waiting = [];
  forgetTracks();
}
