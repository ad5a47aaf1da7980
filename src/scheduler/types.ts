/** What the scheduler is told, and what it orders. Times are ms of one monotonic clock that the caller supplies. */

/** How many workers there are to be. It can be changed while they run. */
export interface Bounds {
  /** Workers kept even when there is nothing to do. */
  readonly min: number;
  /** Most workers alive at once, those that boot or end included. While workers are replaced there may be `EXTRA` more (rollout.ts). */
  readonly max: number;
  /** Booted workers kept free beside those of the long lane (mode fork: beside all that run). */
  readonly spares: number;
  /** Workers that long tasks can not have. Default as many as there are CPUs; always at most `max` - 1. */
  readonly reserved?: number;
}

export interface Policy extends Bounds {
  /** CPUs that the workers may use, a fraction where a cgroup grants less than whole ones. */
  readonly cpus: number;
  /** What all workers together may hold in memory, bytes; 0 is off. One worker is always allowed. */
  readonly memoryBytes: number;
  /** Whether a worker runs more than one task in its life. False in mode fork. */
  readonly reuse: boolean;
  /**
   * Started tasks that a worker may hold at once. With more than 1 the handlers are known to wait rather than to compute: then
   * what counts is whether the event loop of the worker turns, not how long a task runs.
   */
  readonly concurrency: number;
  /** Expected run time, ms, up to which tasks that are known to be brief are sent to a busy worker ahead of time; 0 is off. */
  readonly aheadMs: number;
  /** Run time after which a task is demoted to the long lane; what it waits for a CPU, since others have them all, does not count. */
  readonly quantumMs: number;
  readonly queueLimit: number;
  /** Whether tasks for which a worker is still to boot may wait beside those, one for each place that is not taken. Default false. */
  readonly queueBeyondWorkers?: boolean;
  /** While all CPUs are busy no more short tasks may wait than end within this time, ms; without it only `queueLimit` counts. */
  readonly queuePatienceMs?: number | undefined;
  readonly queueTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Time that a cancelled task has to end by itself before its worker is killed. */
  readonly cancelGraceMs: number;
  /** The same for one that can not hear of it, since it computes: its worker is asked, and does not answer. Default `cancelGraceMs`. */
  readonly deafGraceMs?: number;
  /** Tasks after which a worker is replaced; 0 is off. Each worker gets up to 10 % more, so that not all go at once. */
  readonly maxRequests: number;
}

/** What is known of a task before it runs. */
export interface TaskFacts {
  /** Tasks of the same key are expected to cost alike. */
  readonly key: string;
  /** Clients take turns in the long lane, each as often as its `weight` (1 to 100) says. */
  readonly client: string;
  readonly weight: number;
  /** -10 to 10; each step counts as a second of waiting. */
  readonly priority: number;
  /** Whether it may be started again after it was started. */
  readonly restartable: boolean;
  /** How often it may be, after its worker ended; without it once. */
  readonly retries?: number;
  /** Longest run of this very task, ms; without it that of its worker. */
  readonly deadlineMs?: number;
  /** What was sent to a free worker with a body can not be taken back: nobody keeps the body. */
  readonly hasBody: boolean;
  /** What is sent with it is so much that few of them are sent ahead. Default false. */
  readonly isLarge?: boolean;
  /**
   * It is a connection that its worker holds, such as a WebSocket, for as long as it lives: without a deadline, beside others of its kind and, as
   * far as there are other workers, apart from what is short. Default false.
   */
  readonly isConnection?: boolean;
}

/** How a task gets on. Several of these may be taken at once. */
export type TaskEvent = Extract<SchedulerEvent, { type: 'TaskArrived' | 'TaskStarted' | 'TaskCommitted' | 'TaskEnded' }>;

export type SchedulerEvent =
  | { readonly type: 'TaskArrived'; readonly task: number; readonly facts: TaskFacts }
  /** Somebody saw a part of its answer: from here on it can not be started again. */
  | { readonly type: 'TaskCommitted'; readonly task: number }
  /** Nobody waits for the task any more. */
  | { readonly type: 'TaskCancelled'; readonly task: number }
  /** Its worker has begun a task that was sent ahead: it is lost when the worker is. */
  | { readonly type: 'TaskStarted'; readonly task: number }
  /** The good answer to `RevokeTask`: it was not started, and never will be by that worker. Of the other one nothing is told. */
  | { readonly type: 'TaskRevoked'; readonly task: number }
  /**
   * Its worker said that the task is over; and of one that was sent ahead with it that it had begun, if that was not said before. `runMs` is how long
   * it ran as the worker says; without it the time since the start that is known.
   */
  | { readonly type: 'TaskEnded'; readonly task: number; readonly runMs?: number }
  /** One of a generation that is not in force is on trial: it counts as a worker when its code is, and until then nobody waits for it. */
  | { readonly type: 'WorkerStarting'; readonly worker: number; readonly generation: number }
  /** `deadlineMs` is for the tasks of this worker: its code said so at boot. */
  | { readonly type: 'WorkerReady'; readonly worker: number; readonly deadlineMs: number }
  | { readonly type: 'WorkerMeasured'; readonly worker: number; readonly memoryBytes: number }
  /** Its event loop does not turn; it does again. */
  | { readonly type: 'WorkerBlocked'; readonly worker: number }
  | { readonly type: 'WorkerAnswered'; readonly worker: number }
  /** A person looks into the worker: until that is over no deadline passes for what it runs, and the time does not count. */
  /** The answer to `MeasureTask`: since it began, the main thread of its worker has waited for a CPU so long. */
  | { readonly type: 'TaskMeasured'; readonly task: number; readonly waitedMs: number }
  | { readonly type: 'DeadlinesHeld'; readonly worker: number }
  | { readonly type: 'DeadlinesGoOn'; readonly worker: number }
  /** So many CPUs are busy with work of normal priority: 0.5 is half of one. A glance is one more in between, for whether to boot more workers. */
  | { readonly type: 'LoadMeasured'; readonly cpus: number; readonly isGlance?: true }
  /** Its priority was lowered and can not be raised again: it is to be replaced after what it runs. */
  | { readonly type: 'WorkerSunk'; readonly worker: number }
  /** The worker drains or is being killed: it gets no more tasks, and still counts as alive. */
  | { readonly type: 'WorkerWithdrawn'; readonly worker: number }
  | { readonly type: 'WorkerGone'; readonly worker: number }
  /** Workers can not be booted for now, or can again. */
  | { readonly type: 'BootsPaused' }
  | { readonly type: 'BootsResumed' }
  /** The code of this generation is in force: workers of any other one are to be replaced. `CodeServes` says when that is done. */
  | { readonly type: 'CodeChanged'; readonly generation: number }
  /** It is to be replaced, for no fault of its own. */
  | { readonly type: 'WorkerOutdated'; readonly worker: number }
  | { readonly type: 'BoundsChanged'; readonly bounds: Bounds }
  | { readonly type: 'Closing' }
  | { readonly type: 'ClockTicked' };

export type Lane = 'short' | 'long';

/**
 * `overloaded`: all CPUs are busy, and it would wait for longer than `queuePatienceMs`. `longLaneFull`: tasks of its kind take long, the long lane is full,
 * and one of them holds a reserved worker already.
 */
export type RejectReason = 'queueFull' | 'overloaded' | 'queueTimeout' | 'longLaneFull' | 'noWorker' | 'closing';

/**
 * `stuck`: for as long as its deadline it held no task, and its event loop did not turn. `surplus`: there are more than `max`. A worker that is
 * retired for one of the last three may hold tasks: it ends after them.
 */
export type RetireReason = 'idle' | 'maxRequests' | 'spent' | 'demoted' | 'memory' | 'stuck' | ReplaceReason | 'surplus';
/** Why a worker is replaced although it could serve on: its code is old, or somebody wants it. */
export type ReplaceReason = 'reload' | 'recycle';

export type SchedulerCommand =
  /** Sent `ahead` the worker may hold other tasks: it says when it begins, and until then the task can be taken back. */
  | {
      readonly type: 'StartTask';
      readonly task: number;
      readonly worker: number;
      readonly lane: Lane;
      readonly ahead: boolean;
    }
  /** Take it back from its worker, if it was not started. */
  | { readonly type: 'RevokeTask'; readonly task: number; readonly worker: number }
  /** Ask the worker whether its event loop turns. */
  | { readonly type: 'ProbeWorker'; readonly worker: number }
  | { readonly type: 'RejectTask'; readonly task: number; readonly reason: RejectReason }
  /** It outlived its quantum while the long lane was full: end its worker, for a loop stops in no other way. The task waits again. */
  | { readonly type: 'RequeueTask'; readonly task: number; readonly worker: number }
  /** Its quantum is over on the clock. How much of it did it wait for a CPU? Is answered with `TaskMeasured`, at once. */
  | { readonly type: 'MeasureTask'; readonly task: number; readonly worker: number; readonly startedMs: number }
  /** The task outlived its quantum, and goes on in the long lane. */
  | { readonly type: 'DemoteTask'; readonly task: number; readonly worker: number }
  /** The task outlived its quantum while the long lane was full, and can not be started again: it keeps a reserved worker. */
  | { readonly type: 'TaskOverstays'; readonly task: number; readonly worker: number }
  /** Ask the worker to stop: nobody waits for this task. */
  | { readonly type: 'CancelTask'; readonly task: number; readonly worker: number }
  /** The same for one that is past its deadline, on a worker that runs others too: its client is told now. */
  | { readonly type: 'ExpireTask'; readonly task: number; readonly worker: number }
  /** The task did not stop when asked. Only its worker's end helps. */
  | {
      readonly type: 'KillTask';
      readonly task: number;
      readonly worker: number;
      readonly reason: 'cancelled' | 'deadline';
      /** It computes, and would hear of no signal either. */
      readonly isDeaf: boolean;
    }
  /** Its worker is gone, and had not begun it: it waits again. */
  | { readonly type: 'ReturnTask'; readonly task: number; readonly worker: number }
  /** Its worker ended through no fault that is known of the task's, and it may be started again: it waits once more. */
  | { readonly type: 'RetryTask'; readonly task: number; readonly worker: number }
  /** The worker is gone, and the task with it. */
  | { readonly type: 'LoseTask'; readonly task: number; readonly worker: number }
  | { readonly type: 'RetireWorker'; readonly worker: number; readonly reason: RetireReason }
  /** From here on no task is given to a worker of another generation. `replaced` of them were told to end. */
  | { readonly type: 'CodeServes'; readonly generation: number; readonly replaced: number };

export interface SchedulerFigures {
  /** Tasks and workers of which it keeps a record, whatever their state: what it grows with. */
  readonly tasks: number;
  readonly workers: number;
  readonly queued: number;
  /** How many may be at this moment. */
  readonly queueLimit: number;
  /** Of those that wait: expected to be long. */
  readonly queuedLong: number;
  /** When the oldest queued task arrived, or undefined when none waits. */
  readonly oldestQueuedMs: number | undefined;
  readonly running: number;
  /** Sent to a worker ahead of time, and not started. */
  readonly ahead: number;
  /** Of those that run: in the long lane. */
  readonly long: number;
  /** Of those that run: connections that are held. */
  readonly connections: number;
  /** Of those that run: past their quantum on a reserved worker. */
  readonly overstaying: number;
}
