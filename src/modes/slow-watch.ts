/**
 * Finds tasks that run for long, has a look at what they do, and reports each of them once. It looks at the clock a few times within
 * the time that counts as long, rather than to have a timer for each task.
 */
import { performance } from 'node:perf_hooks';
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { End, IncidentRecorder, TaskSubject } from '../diagnostics/incident-recorder.ts';
import { stackText } from '../diagnostics/stack-text.ts';
import type { StackReport } from '../diagnostics/stack-report.ts';
import { publish } from '../events/events.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/** A task that a worker runs. */
export interface RunningTask extends TaskSubject {
  readonly worker: SupervisedWorker;
}

/** What each mode needs to have an eye on its tasks. */
export interface IncidentOptions {
  readonly recorder: IncidentRecorder;
  readonly look: (worker: SupervisedWorker, signal: AbortSignal) => Promise<StackReport>;
  /** Run time after which a task is reported, ms; 0 for never, undefined for half of its deadline, at most 5 s. */
  readonly slowMs: number | undefined;
  /** Of what a worker runs, or a new one will, ms. */
  readonly deadlineMsOf: (worker: SupervisedWorker | undefined) => number;
}

/** However long its deadline is, after this time somebody wants to know. */
const MOST_SLOW_MS = 5000;
/** Workers that are looked into at once: a look costs CPU that others wait for. */
const MOST_LOOKS = 4;
const LONGEST_LOOK_MS = 5000;
const LEAST_WAIT_MS = 20;
const MOST_WAIT_MS = 250;
/** Of the time that counts as long, the part that a report may be late. */
const LATE = 0.1;
/** For whom the end of a task tells less than that. */
const TAKEN_AWAY: End = {
  how: 'its worker runs it no longer: it ended, or is to be started again',
  status: null,
  exitCode: null,
  signal: null,
};

export class SlowWatch {
  readonly #options: IncidentOptions;
  readonly #running: () => Iterable<RunningTask>;
  /** Those that run and were reported, or are about to be, by worker and task. */
  #reported = new Map<string, RunningTask>();
  /** Tasks that have just become slow. A record takes a part of a ms to make, and many may become slow together. */
  readonly #toReport: RunningTask[] = [];
  #reporting: NodeJS.Immediate | undefined;
  readonly #toLookAt: { readonly task: RunningTask; readonly incident: string }[] = [];
  readonly #ending = new AbortController();
  #looks = 0;
  #timer: NodeJS.Timeout;

  constructor(options: IncidentOptions, running: () => Iterable<RunningTask>) {
    this.#options = options;
    this.#running = running;
    this.#timer = this.#wait();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#reporting);
    this.#ending.abort();
  }

  #wait(): NodeJS.Timeout {
    const waitMs = Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, this.#slowMsOf(undefined) * LATE));
    return setTimeout(() => {
      this.#watch();
      this.#timer = this.#wait();
    }, waitMs).unref();
  }

  #slowMsOf(worker: SupervisedWorker | undefined): number {
    const { slowMs, deadlineMsOf } = this.#options;
    return slowMs ?? Math.min(deadlineMsOf(worker) / 2, MOST_SLOW_MS);
  }

  #watch(): void {
    const { recorder } = this.#options;
    const nowMs = performance.now();
    const stillRunning = new Map<string, RunningTask>();
    for (const task of this.#running()) {
      const slowMs = this.#slowMsOf(task.worker);
      if (slowMs === 0 || nowMs - task.startedMs < slowMs) continue;
      const key = keyOf(task);
      stillRunning.set(key, task);
      if (!this.#reported.has(key)) this.#toReport.push(task);
    }
    // Most of them have told how they ended. One that was stopped to be started again has not, and its record would never end.
    for (const [key, { worker, task, receivedMs }] of this.#reported)
      if (!stillRunning.has(key)) recorder.ended(worker.id, task, receivedMs, TAKEN_AWAY);
    this.#reported = stillRunning;
    this.#reportNext();
  }

  /** One in each turn of the event loop. */
  #reportNext(): void {
    if (this.#reporting !== undefined || this.#toReport.length === 0) return;
    this.#reporting = setImmediate(() => {
      this.#reporting = undefined;
      const task = this.#toReport.shift();
      if (task !== undefined && this.#isRunning(task)) {
        this.#toLookAt.push({ task, incident: this.#options.recorder.slow(task) });
        this.#lookAtNext();
      }
      this.#reportNext();
    });
  }

  #isRunning(task: RunningTask): boolean {
    for (const running of this.#running()) if (keyOf(running) === keyOf(task)) return true;
    return false;
  }

  #lookAtNext(): void {
    while (this.#looks < MOST_LOOKS) {
      const next = this.#toLookAt.shift();
      if (next === undefined) return;
      this.#looks += 1;
      void this.#lookAt(next.task, next.incident).then(() => {
        this.#looks -= 1;
        this.#lookAtNext();
      });
    }
  }

  async #lookAt(task: RunningTask, incident: string): Promise<void> {
    const stack = await this.#stackOf(task);
    if (stack !== undefined) this.#options.recorder.addStack(incident, stack);
    const { worker, method, url, route, startedMs } = task;
    publish({
      type: 'task:slow',
      task: task.task,
      ...worker.name,
      incident,
      method,
      target: url,
      route,
      runMs: Math.round(performance.now() - startedMs),
      cpuMs: cpuMsOf(task),
      rssBytes: worker.vitals?.rssBytes ?? null,
      eventLoopDelayMs: worker.vitals?.eventLoopDelayMs ?? null,
      summary: stack?.summary ?? null,
      stack: stack === undefined ? '' : stackText(stack),
    });
  }

  /** Undefined when the task was over before anybody could look, or its worker did not let itself be looked at. */
  async #stackOf(task: RunningTask): Promise<StackReport | undefined> {
    const key = keyOf(task);
    if (this.#ending.signal.aborted || !this.#reported.has(key)) return undefined;
    try {
      const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(LONGEST_LOOK_MS)]);
      return await this.#options.look(task.worker, signal);
    } catch {
      return undefined;
    }
  }
}

function keyOf(task: RunningTask): string {
  return `${task.worker.id}/${task.task}`;
}

function cpuMsOf({ worker, cpuMicrosAtStart }: RunningTask): number | null {
  const { vitals } = worker;
  if (vitals === undefined || cpuMicrosAtStart === undefined) return null;
  return Math.round((vitals.cpuMicros - cpuMicrosAtStart) / 1000);
}
