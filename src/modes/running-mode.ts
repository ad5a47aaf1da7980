import type { Done, Lanes, ReloadReport, Totals, WorkerInfo } from '../admin/api.ts';
import type { LaneTimes } from '../http/task-counts.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/** A mode at work. Whatever it is made of, the server starts it, watches it and ends it in the same way. */
export interface RunningMode {
  /** The address that is listened on, with the real port. */
  readonly host: string;
  readonly port: number;
  /** Tasks that were taken and are not over. */
  readonly running: number;
  /** Takes no more work, finishes what it has, and ends. Resolves with the number of tasks that were cut off. */
  close(): Promise<number>;
  /** Cuts `close` short: ends everything now. */
  force(): void;

  /** What it is doing at this moment; cheap enough to be asked several times a second with hundreds of workers. */
  facts(): ModeFacts;
  readonly control: WorkerControl;
  /** Reads the certificate again, for connections that come. Undefined where each worker reads it as it boots. @throws PreforkError ERR_BAD_OPTION */
  renewCertificate?(): void;
}

export interface ModeFacts {
  readonly workers: readonly WorkerInfo[];
  readonly queue: { readonly depth: number; readonly limit: number; readonly oldestMs: number };
  /** null where there are none. */
  readonly lanes: Lanes | null;
  readonly totals: Omit<Totals, 'incidents'>;
  readonly times: LaneTimes;
  readonly generation: number;
  /** New code is being tried, or rolled out. */
  readonly isReloading: boolean;
  /** Why a new request would not be taken, or undefined when it would. */
  readonly unready: string | undefined;
}

/** What an operator may do to the workers of a mode. Rejects with ERR_NOT_SUPPORTED where there are none (mode blocking). */
export interface WorkerControl {
  /** By pid, or by `w` and its id. Threads share one pid: with more than one of them only the id names a worker. @throws PreforkError ERR_NO_SUCH_WORKER */
  find(ref: string): SupervisedWorker;
  /** Replaces a worker without losing a task: another one boots first, then this one drains. Resolves when it has begun. */
  recycle(ref: string): Done;
  /** Ends a worker now, whatever it does. */
  kill(ref: string): Done;
  /** Until `false`, no deadline passes for what the worker runs: a person looks into it. */
  holdDeadlines(worker: SupervisedWorker, held: boolean): void;
  /** The number of workers is this from now on: `min` and `max`; in mode fork `max` alone. */
  scale(workers: number): Done;
  /** Loads the code anew; resolves when it serves. @throws PreforkError ERR_RELOAD when it does not boot, and the old code serves on */
  reload(): Promise<ReloadReport>;
}
