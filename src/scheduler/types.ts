/** What the scheduler is told, and what it orders. Times are ms of one monotonic clock that the caller supplies. */

export interface Policy {
  /** Workers kept even when there is nothing to do. */
  readonly min: number;
  /** Most workers alive at once, those that boot or end included. */
  readonly max: number;
  /** Booted workers kept free beside those that run long tasks (mode fork: beside all that run). */
  readonly spares: number;
  /** Whether a worker runs more than one task. False in mode fork. */
  readonly reuse: boolean;
  /** Most workers that boot at once: a boot costs some 100 ms of CPU, taken from the tasks that it is for. */
  readonly bootsAtOnce: number;
  /** Run time after which a task counts as long, and waiting time after which the queue counts as pressed. */
  readonly quantumMs: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Time that a cancelled task has to end by itself before its worker is killed. */
  readonly cancelGraceMs: number;
  /** Tasks after which a worker is replaced; 0 is off. Each worker gets up to 10 % more, so that not all go at once. */
  readonly maxRequests: number;
}

export type SchedulerEvent =
  | { readonly type: 'TaskArrived'; readonly task: number }
  /** Nobody waits for the task any more. */
  | { readonly type: 'TaskCancelled'; readonly task: number }
  /** Its worker said that the task is over. */
  | { readonly type: 'TaskEnded'; readonly task: number }
  | { readonly type: 'WorkerStarting'; readonly worker: number }
  /** `deadlineMs` is for the tasks of this worker: its code said so at boot. */
  | { readonly type: 'WorkerReady'; readonly worker: number; readonly deadlineMs: number }
  /** The worker drains or is being killed: it gets no more tasks, and still counts as alive. */
  | { readonly type: 'WorkerWithdrawn'; readonly worker: number }
  | { readonly type: 'WorkerGone'; readonly worker: number }
  /** Workers can not be booted for now, or can again. */
  | { readonly type: 'BootsPaused' }
  | { readonly type: 'BootsResumed' }
  | { readonly type: 'Closing' }
  | { readonly type: 'ClockTicked' };

export type RejectReason = 'queueFull' | 'queueTimeout' | 'noWorker' | 'closing';

export type SchedulerCommand =
  | { readonly type: 'StartTask'; readonly task: number; readonly worker: number }
  | { readonly type: 'RejectTask'; readonly task: number; readonly reason: RejectReason }
  /** Ask the worker to stop: nobody waits for this task. */
  | { readonly type: 'CancelTask'; readonly task: number; readonly worker: number }
  /** The task did not stop when asked. Only its worker's end helps. */
  | { readonly type: 'KillTask'; readonly task: number; readonly worker: number; readonly reason: 'cancelled' | 'deadline' }
  /** The worker is gone, and the task with it. */
  | { readonly type: 'LoseTask'; readonly task: number; readonly worker: number }
  | { readonly type: 'RetireWorker'; readonly worker: number; readonly reason: 'idle' | 'maxRequests' | 'spent' };
