/**
 * The incidents of mode cluster: what a worker is at is known by its heartbeats alone, and its clients lose their connection when it
 * ends. Beside that it is as in the other modes.
 */
import type { RunningTask as ReportedTask, TaskFailure } from '../channel/messages.ts';
import type { TaskSubject } from '../diagnostics/incident-recorder.ts';
import type { BootError, WorkerEnd } from '../supervisor/decisions/life.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { endedAtDeadline, endedByBoot, endedWithWorker, kindOfLoss } from './ends-in-words.ts';
import { type IncidentOptions, type RunningTask, SlowWatch } from './slow-watch.ts';

interface Reported {
  readonly task: ReportedTask;
  readonly startedMs: number;
}

export interface ClusterIncidentsOptions extends IncidentOptions {
  /** Worker and client know the incident of a task by this id. */
  readonly idOf: (worker: SupervisedWorker, task: number) => string;
  readonly workers: () => Iterable<SupervisedWorker>;
  readonly runningOf: (worker: number) => Reported | undefined;
}

export class ClusterIncidents {
  readonly #options: ClusterIncidentsOptions;
  readonly #slowWatch: SlowWatch;

  constructor(options: ClusterIncidentsOptions) {
    this.#options = options;
    this.#slowWatch = new SlowWatch(options, () => this.#running());
  }

  close(): void {
    this.#slowWatch.close();
  }

  /** A worker is about to be ended, since what it runs is late and its event loop does not turn. */
  deadline(worker: SupervisedWorker): void {
    const { recorder, deadlineMsOf, runningOf } = this.#options;
    const reported = runningOf(worker.id);
    const end = { ...endedAtDeadline(deadlineMsOf(worker)), status: null };
    if (reported === undefined) recorder.worker('deadline', worker, end);
    else recorder.broken('deadline', this.#subject(worker, reported), end);
  }

  /** A worker answered a task with an error by itself; one that was late has an incident. */
  failed(worker: SupervisedWorker, { incident, task, method, target, runMs }: TaskFailure): void {
    if (incident === null) return;
    const startedMs = performance.now() - (runMs ?? 0);
    const subject = this.#subject(worker, { task: { task, method, url: target, runMs: runMs ?? 0 }, startedMs });
    this.#options.recorder.broken('deadline', subject, endedAtDeadline(this.#options.deadlineMsOf(worker)));
  }

  /** What was its oldest task is so no longer. */
  ended(worker: SupervisedWorker, { task, startedMs }: Reported): void {
    const end = { how: 'it ended by itself', status: null, exitCode: null, signal: null };
    this.#options.recorder.ended(worker.id, task.task, startedMs, end);
  }

  gone(worker: SupervisedWorker, end: WorkerEnd): void {
    const kind = end.kind === 'bootFailed' || isKnown(end) ? undefined : kindOfLoss(end);
    if (kind === undefined) return;
    const { recorder, runningOf } = this.#options;
    const reported = runningOf(worker.id);
    const words = endedWithWorker(end, null);
    if (reported === undefined) recorder.worker(kind, worker, words);
    else recorder.broken(kind, this.#subject(worker, reported), words);
  }

  bootFailed(worker: SupervisedWorker, error: BootError): void {
    this.#options.recorder.worker('boot', worker, endedByBoot(error), error.stack);
  }

  #subject(worker: SupervisedWorker, { task: { task, method, url }, startedMs }: Reported): TaskSubject {
    const route = `${method} ${url.split('?', 1)[0] ?? ''}`;
    const times = { receivedMs: startedMs, startedMs, demotedMs: undefined, cpuMicrosAtStart: undefined };
    return { task, method, url, route, ...times, worker, incident: this.#options.idOf(worker, task) };
  }

  *#running(): Iterable<RunningTask> {
    for (const worker of this.#options.workers()) {
      const reported = this.#options.runningOf(worker.id);
      if (reported !== undefined) yield { ...this.#subject(worker, reported), worker };
    }
  }
}

/** The task that was late has its incident. */
function isKnown(end: WorkerEnd): boolean {
  return end.kind === 'killed' && end.reason === 'deadline';
}
