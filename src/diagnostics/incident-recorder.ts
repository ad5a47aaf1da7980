/**
 * Makes incidents of what happens to tasks and workers. A task has one record, however much goes wrong with it: one that was slow and is
 * then ended at its deadline becomes an incident of that kind, with the stack that it was found in.
 */
import type { Vitals } from '../channel/messages.ts';
import { newIncidentId } from '../errors/incident-id.ts';
import type { Incident, IncidentEnd, IncidentKind, IncidentMoment } from './incident.ts';
import type { IncidentLog } from './incident-log.ts';
import { placeOf, titleOf } from './incident-words.ts';
import type { StackReport } from './stack-report.ts';

/** A worker, as its last heartbeat and its last lines on stderr left it. */
export interface WorkerSubject {
  readonly id: number;
  readonly pid: number;
  readonly vitals: Vitals | undefined;
  readonly lastWords: readonly string[];
}

/** A task that runs. Times are those of `performance.now()`. */
export interface TaskSubject {
  readonly task: number;
  readonly method: string;
  readonly url: string;
  /** The key by which its cost is learned. */
  readonly route: string;
  readonly receivedMs: number;
  readonly startedMs: number;
  readonly demotedMs: number | undefined;
  /** CPU time of the worker as of its last heartbeat before the task began. */
  readonly cpuMicrosAtStart: number | undefined;
  readonly worker: WorkerSubject;
  /** The id that its incident has to have, if that is settled. */
  readonly incident?: string;
}

export type End = Omit<IncidentEnd, 'at'>;
export type BrokenKind = Exclude<IncidentKind, 'slow' | 'boot'>;

/** A URL can be as long as a head may be, and nobody reads more than this of it. */
const LONGEST_URL = 2000;
const LONGEST_ROUTE = 200;

export class IncidentRecorder {
  readonly #log: IncidentLog;
  readonly #mode: string;
  /** Slow tasks that run, by worker and task: in mode cluster each worker counts its own. */
  readonly #open = new Map<string, string>();

  constructor(log: IncidentLog, mode: string) {
    this.#log = log;
    this.#mode = mode;
  }

  /** The task has run for as long as is worth a report. It goes on. @returns the id */
  slow(subject: TaskSubject): string {
    const incident = this.#fromTask('slow', subject, null);
    this.#open.set(keyOf(subject.worker.id, subject.task), incident.id);
    this.#log.add(incident, titleOf(incident));
    return incident.id;
  }

  /** Whether any task that was slow still runs. */
  get hasOpen(): boolean {
    return this.#open.size > 0;
  }

  addStack(id: string, stack: StackReport): void {
    const incident = this.#log.get(id);
    if (incident !== undefined) this.#update({ ...incident, stack });
  }

  /** A task was ended before its time, or lost its worker. @returns the id */
  broken(kind: BrokenKind, subject: TaskSubject, end: End): string {
    // In mode cluster a worker has two ways to say so, and that a task is over may come before what was wrong with it: it is the same incident all the same.
    const known = this.#close(subject.worker.id, subject.task) ?? this.#ofId(subject.incident);
    const incident = this.#fromTask(kind, subject, this.#endAt(end));
    if (known === undefined) {
      this.#log.add(incident, titleOf(incident));
      return incident.id;
    }
    const timeline = [...incident.timeline.slice(0, -1), ...known.timeline.filter(({ what }) => what === 'reported')];
    const last = incident.timeline.at(-1);
    this.#update({
      ...incident,
      id: known.id,
      at: known.at,
      stack: known.stack,
      timeline: last ? [...timeline, last] : timeline,
    });
    return known.id;
  }

  /** A task is over, and nothing was wrong with it, unless it was slow. */
  ended(worker: number, task: number, receivedMs: number, end: End): void {
    const known = this.#close(worker, task);
    if (known === undefined) return;
    const moment = { atMs: Math.round(performance.now() - receivedMs), what: 'ended' };
    this.#update({ ...known, end: this.#endAt(end), timeline: [...known.timeline, moment] });
  }

  /** A worker did not boot, or was lost, and nobody knows with which task. @param stack of the error, if it told one */
  worker(kind: Exclude<IncidentKind, 'slow' | 'cancelled'>, worker: WorkerSubject, end: End, stack = ''): void {
    const lastWords = stack === '' ? [...worker.lastWords] : [...worker.lastWords, ...stack.split('\n')];
    const incident = this.#withGroup({
      ...this.#newRecord(kind),
      worker: { id: worker.id, pid: worker.pid },
      request: null,
      figures: null,
      lastWords,
      timeline: [],
      end: this.#endAt(end),
    });
    this.#log.add(incident, titleOf(incident));
  }

  #close(worker: number, task: number): Incident | undefined {
    const key = keyOf(worker, task);
    const id = this.#open.get(key);
    this.#open.delete(key);
    return this.#ofId(id);
  }

  #ofId(id: string | undefined): Incident | undefined {
    return id === undefined ? undefined : this.#log.get(id);
  }

  #update(incident: Incident): void {
    const grouped = this.#withGroup(incident);
    this.#log.update(grouped, titleOf(grouped));
  }

  #fromTask(kind: IncidentKind, subject: TaskSubject, end: IncidentEnd | null): Incident {
    const { task, method, worker, receivedMs, startedMs, cpuMicrosAtStart } = subject;
    const { vitals } = worker;
    const nowMs = performance.now();
    const cpuMicros = vitals === undefined || cpuMicrosAtStart === undefined ? null : vitals.cpuMicros - cpuMicrosAtStart;
    return this.#withGroup({
      ...this.#newRecord(kind, subject.incident),
      worker: { id: worker.id, pid: worker.pid },
      request: { task, method, url: subject.url.slice(0, LONGEST_URL), route: subject.route.slice(0, LONGEST_ROUTE) },
      figures: {
        runMs: Math.round(nowMs - startedMs),
        queueMs: Math.round(startedMs - receivedMs),
        cpuMs: cpuMicros === null ? null : Math.round(cpuMicros / 1000),
        rssBytes: vitals?.rssBytes ?? null,
        eventLoopDelayMs: vitals?.eventLoopDelayMs ?? null,
      },
      lastWords: kind === 'crash' ? [...worker.lastWords] : [],
      timeline: timelineOf(subject, nowMs, end === null ? 'reported' : 'killed'),
      end,
    });
  }

  #newRecord(kind: IncidentKind, id = newIncidentId()): Pick<Incident, 'id' | 'kind' | 'group' | 'at' | 'mode' | 'stack'> {
    return { id, kind, group: '', at: new Date().toISOString(), mode: this.#mode, stack: null };
  }

  #withGroup(incident: Incident): Incident {
    return { ...incident, group: `${incident.kind} ${incident.request?.route ?? ''} ${placeOf(incident)}` };
  }

  #endAt(end: End): IncidentEnd {
    return { at: new Date().toISOString(), ...end };
  }
}

function keyOf(worker: number, task: number): string {
  return `${worker}/${task}`;
}

function timelineOf({ receivedMs, startedMs, demotedMs }: TaskSubject, nowMs: number, last: string): IncidentMoment[] {
  const moments = [
    { atMs: 0, what: 'queued' },
    { atMs: Math.round(startedMs - receivedMs), what: 'started' },
    ...(demotedMs === undefined ? [] : [{ atMs: Math.round(demotedMs - receivedMs), what: 'demoted' }]),
    { atMs: Math.round(nowMs - receivedMs), what: last },
  ];
  return moments;
}
