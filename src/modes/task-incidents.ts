/**
 * What goes wrong with the tasks of a dispatcher, as incidents: finds the facts about a task, and words for how it ended. It also has
 * whatever runs for long looked at.
 */
import type { BrokenKind, End } from '../diagnostics/incident-recorder.ts';
import type { Exchange } from '../http/exchange.ts';
import type { BootError, WorkerEnd } from '../supervisor/decisions/life.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { endedAtDeadline, endedByBoot, endedWithWorker, kindOfLoss } from './ends-in-words.ts';
import { type IncidentOptions, type RunningTask, SlowWatch } from './slow-watch.ts';
import type { SentTask, TaskDesk } from './task-desk.ts';

export interface TaskIncidentsOptions extends IncidentOptions {
  readonly desk: TaskDesk;
  readonly routeOf: (exchange: Exchange) => string;
}

export class TaskIncidents {
  readonly #options: TaskIncidentsOptions;
  readonly #slowWatch: SlowWatch;

  constructor(options: TaskIncidentsOptions) {
    this.#options = options;
    this.#slowWatch = new SlowWatch(options, () => this.#running());
  }

  close(): void {
    this.#slowWatch.close();
  }

  /** A task is about to be ended at its deadline. @returns the incident's id */
  deadline(task: number): string | undefined {
    const sent = this.#options.desk.sentTask(task);
    const deadlineMs = sent?.channel.exchange.deadlineMs ?? this.#options.deadlineMsOf(sent?.worker);
    return this.#broken(task, 'deadline', endedAtDeadline(deadlineMs));
  }

  /** Nobody waits for the task, and its worker is ended because it computes on. */
  cancelled(task: number): void {
    const how = 'its client had left, it computed on, and its worker was ended';
    this.#broken(task, 'cancelled', { how, status: null, exitCode: null, signal: null });
  }

  /** Its worker is gone. @returns the incident's id */
  lost(task: number): string | undefined {
    const end = this.#endOfWorker(task);
    const kind = kindOfLoss(end);
    return kind === undefined ? undefined : this.#broken(task, kind, endedWithWorker(end, 502));
  }

  /** The same for one that is started again: its client never hears of it, and an operator has to. */
  lostAndRetried(task: number): void {
    const end = this.#endOfWorker(task);
    const kind = kindOfLoss(end);
    if (kind === undefined) return;
    const words = endedWithWorker(end, null);
    this.#broken(task, kind, { ...words, how: `${words.how}; it was started again on another one` });
  }

  #endOfWorker(task: number): WorkerEnd | undefined {
    const life = this.#options.desk.sentTask(task)?.worker.life;
    return life?.phase === 'gone' ? life.end : undefined;
  }

  /** Whether the end of a task may be of interest. */
  get someAreSlow(): boolean {
    return this.#options.recorder.hasOpen;
  }

  /** The task is over in the way that tasks end. Only has to be told while some are slow. */
  ended({ id: worker }: SupervisedWorker, exchange: Exchange): void {
    const { id, receivedMs, response } = exchange;
    const how = response.headersSent ? `it ended by itself, with status ${response.statusCode}` : 'it ended by itself';
    const status = response.headersSent ? response.statusCode : null;
    this.#options.recorder.ended(worker, id, receivedMs, { how, status, exitCode: null, signal: null });
  }

  bootFailed(worker: SupervisedWorker, error: BootError): void {
    this.#options.recorder.worker('boot', worker, endedByBoot(error), error.stack);
  }

  /** The first reason for an end counts: one that was answered at its deadline may have to be killed a moment later. */
  #broken(task: number, kind: BrokenKind, end: End): string | undefined {
    const sent = this.#options.desk.sentTask(task);
    if (sent !== undefined) sent.incident ??= this.#options.recorder.broken(kind, this.#subject(sent), end);
    return sent?.incident;
  }

  *#running(): Iterable<RunningTask> {
    for (const sent of this.#options.desk.running()) yield this.#subject(sent);
  }

  #subject({ channel: { exchange }, worker, demotedMs, cpuMicrosAtStart }: SentTask): RunningTask {
    const { routeOf } = this.#options;
    return {
      task: exchange.id,
      method: exchange.request.method ?? '',
      url: exchange.request.url ?? '',
      // Only read of the few that are reported.
      get route() {
        return routeOf(exchange);
      },
      receivedMs: exchange.receivedMs,
      startedMs: exchange.startedMs ?? exchange.receivedMs,
      demotedMs,
      cpuMicrosAtStart,
      worker,
    };
  }
}
