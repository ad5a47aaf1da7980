/**
 * The live connection. The browser resumes it by itself with the id of the last event; the server then sends what was missed, or, after
 * more than a minute, a fresh state. What it says is told to the store.
 */
import { connection } from './connection.ts';
import { incidents, samples, takeIncident, takeMoment, takeSamples, takeState } from './store.ts';
import type { Figures, FiguresSeries, Incident, Incidents, Moment, State } from './types.ts';

/** The state comes twice a second: when it has not for so long, what the page shows is old. */
const STALE_MS = 3000;
const RETRY_MS = 1000;
/** Many incidents at once are one reason to ask for the groups. */
const GROUPS_AFTER_MS = 300;

let lastAtMs = Date.now();
let source: EventSource | null = null;
let groupsTimer: ReturnType<typeof setTimeout> | undefined;

export function startStream(): void {
  open();
  setInterval(() => {
    if (connection.value.is === 'live' && Date.now() - lastAtMs > STALE_MS) connection.value = { is: 'lost', sinceMs: lastAtMs };
  }, 500);
}

function open(): void {
  source = new EventSource('/api/events');
  source.addEventListener('open', () => void catchUp());
  source.addEventListener('error', onError);
  on('state', (data) => {
    lastAtMs = Date.now();
    if (connection.value.is !== 'live') connection.value = { is: 'live' };
    takeState(data as State);
  });
  on('figures', (data) => takeSamples([data as Figures]));
  on('moment', (data) => takeMoment(data as Moment));
  on('incident', (data) => {
    takeIncident(data as Incident);
    groupsTimer ??= setTimeout(() => {
      groupsTimer = undefined;
      void loadIncidents();
    }, GROUPS_AFTER_MS);
  });
}

function on(name: string, take: (data: unknown) => void): void {
  source?.addEventListener(name, ({ data }: MessageEvent<string>) => take(JSON.parse(data)));
}

function onError(): void {
  if (connection.value.is === 'live') connection.value = { is: 'lost', sinceMs: lastAtMs };
  // An answer that is no stream ends it for good, unless it is begun anew.
  if (source?.readyState !== EventSource.CLOSED) return;
  source.close();
  setTimeout(open, RETRY_MS);
}

/** What no stream brings: that which was before it. */
async function catchUp(): Promise<void> {
  const newest = Date.parse(samples.value.at(-1)?.at ?? '1970-01-01');
  await Promise.all([loadIncidents(), Date.now() - newest > 2000 ? loadHistory() : undefined]);
}

async function loadHistory(): Promise<void> {
  const series = await getJson<FiguresSeries>('/api/history');
  if (series !== null) takeSamples(series.samples);
}

async function loadIncidents(): Promise<void> {
  const list = await getJson<Incidents>('/api/incidents');
  if (list !== null) incidents.value = list;
}

/** null when the server can not be reached: then the stream says so, and all is asked again when it is back. */
export async function getJson<T>(path: string): Promise<T | null> {
  try {
    const response = await fetch(path);
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}
