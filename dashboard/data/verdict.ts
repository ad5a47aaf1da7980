/** Whether something is wrong, and where to look. Pure. */
import { duration, plural } from './words.ts';
import type { Figures, IncidentGroup, State, WorkerInfo } from './types.ts';

export interface Finding {
  readonly tone: 'bad' | 'warn';
  readonly text: string;
  /** Where a click leads. */
  readonly to: string | null;
}

/** The primary promises to stay below 20 ms (docs/reference); beyond this something keeps it from that. */
const PRIMARY_DELAY_MS = 50;
const QUEUE_SHARE = 0.8;
const QUEUE_WAIT_MS = 1000;
/** An incident is news for so long. */
const RECENT_MS = 10 * 60_000;
/** A task that has run for so long is worth a look, whatever the deadline is. */
const LONG_RUN_MS = 10_000;

/** The worst first; empty when nothing is wrong. */
export function findingsOf(
  state: State,
  latest: Figures | undefined,
  groups: readonly IncidentGroup[],
  nowMs: number,
): Finding[] {
  const all = [
    ...serverFindings(state),
    ...workerFindings(state.workers),
    ...incidentFindings(groups, nowMs),
    ...queueFindings(state, latest),
  ];
  return all.toSorted((one, other) => Number(one.tone === 'warn') - Number(other.tone === 'warn'));
}

function serverFindings({ server }: State): Finding[] {
  const found: Finding[] = [];
  if (server.state === 'draining') found.push({ tone: 'warn', text: 'The server ends: it takes no new request.', to: null });
  if (server.state === 'reloading') found.push({ tone: 'warn', text: 'The code is loaded anew.', to: null });
  if (server.eventLoopDelayMs > PRIMARY_DELAY_MS)
    found.push({ tone: 'bad', text: `The primary itself is late by ${duration(server.eventLoopDelayMs)}.`, to: null });
  return found;
}

function workerFindings(workers: readonly WorkerInfo[]): Finding[] {
  const found: Finding[] = [];
  const hung = workers.filter(({ health, state }) => health === 'hung' && state !== 'killing');
  const [first] = hung;
  if (first !== undefined) {
    const text = hung.length === 1 ? `Worker ${first.id} is hung: nothing in it answers.` : `${hung.length} workers are hung.`;
    found.push({ tone: 'bad', text, to: `#/workers/${first.id}` });
  }
  const long = workers.filter(({ task }) => (task?.runMs ?? 0) >= LONG_RUN_MS);
  const longest = long.toSorted((one, other) => (other.task?.runMs ?? 0) - (one.task?.runMs ?? 0))[0];
  if (longest !== undefined) {
    const runs = `has run for ${duration(longest.task?.runMs ?? 0)}`;
    const text =
      long.length === 1 ? `The task of worker ${longest.id} ${runs}.` : `${long.length} tasks run long; the longest ${runs}.`;
    found.push({ tone: 'warn', text, to: `#/workers/${longest.id}` });
  }
  return found;
}

function incidentFindings(groups: readonly IncidentGroup[], nowMs: number): Finding[] {
  const recent = groups.filter(({ lastAt }) => nowMs - Date.parse(lastAt) < RECENT_MS);
  return recent.slice(0, 3).map(({ kind, title, count, ids }) => ({
    tone: kind === 'slow' || kind === 'cancelled' ? 'warn' : 'bad',
    text: count === 1 ? title : `${title} (${plural(count, 'time')})`,
    to: `#/incidents/${ids[0] ?? ''}`,
  }));
}

function queueFindings({ queue }: State, latest: Figures | undefined): Finding[] {
  if (queue.limit > 0 && queue.depth >= queue.limit * QUEUE_SHARE)
    return [{ tone: 'bad', text: `The queue is full: ${queue.depth} of ${queue.limit} wait, the next get a 503.`, to: null }];
  if (queue.oldestMs > QUEUE_WAIT_MS && latest !== undefined)
    return [{ tone: 'warn', text: `Requests wait for a worker, the oldest for ${duration(queue.oldestMs)}.`, to: null }];
  return [];
}
