/**
 * Finds tasks that run for long, has a look at what they do, and reports each of them once. It looks at the clock a few times within
 * the time that counts as long, rather than to have a timer for each task.
 */
import type { IncidentRecorder, TaskSubject } from '../diagnostics/incident-recorder.ts';
import { stackText } from '../diagnostics/stack-text.ts';
import type { StackReport } from '../diagnostics/stack-report.ts';
import { publish } from '../events/events.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/** A task that a worker runs. */
export interface RunningTask extends TaskSubject {
  readonly worker: SupervisedWorker;
}

export interface SlowWatchOptions {
  readonly running: () => Iterable<RunningTask>;
  /** Run time after which a task of this worker, or of a new one, is reported, ms; 0 for never. May change. */
  readonly slowMsOf: (worker: SupervisedWorker | undefined) => number;
  readonly look: (worker: SupervisedWorker, signal: AbortSignal) => Promise<StackReport>;
  readonly recorder: IncidentRecorder;
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

export class SlowWatch {
  readonly #options: SlowWatchOptions;
  /** Those that run and were reported, by worker and task. */
  #reported = new Set<string>();
  readonly #toLookAt: { readonly task: RunningTask; readonly incident: string }[] = [];
  readonly #ending = new AbortController();
  #looks = 0;
  #timer: NodeJS.Timeout;

  constructor(options: SlowWatchOptions) {
    this.#options = options;
    this.#timer = this.#wait();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#ending.abort();
  }

  #wait(): NodeJS.Timeout {
    const waitMs = Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, this.#options.slowMsOf(undefined) * LATE));
    return setTimeout(() => {
      this.#watch();
      this.#timer = this.#wait();
    }, waitMs).unref();
  }

  #watch(): void {
    const nowMs = performance.now();
    const stillRunning = new Set<string>();
    for (const task of this.#options.running()) {
      const slowMs = this.#options.slowMsOf(task.worker);
      if (slowMs === 0 || nowMs - task.startedMs < slowMs) continue;
      const key = keyOf(task);
      stillRunning.add(key);
      if (this.#reported.has(key)) continue;
      this.#toLookAt.push({ task, incident: this.#options.recorder.slow(task) });
    }
    this.#reported = stillRunning;
    this.#lookAtNext();
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

/**
 * Run time after which a task is reported, ms; 0 for never.
 *
 * @param slowMs what the user said; undefined for half of the deadline, at most 5 s
 */
export function slowAfterMs(slowMs: number | undefined, deadlineMs: number): number {
  return slowMs ?? Math.min(deadlineMs / 2, MOST_SLOW_MS);
}
