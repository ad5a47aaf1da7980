/** What the primary and a worker tell each other: `src/channel/messages.ts` without the payload. */
import type { RawExit } from '../../src/supervisor/decisions/life.ts';

/** What a handler does with a task: it computes, waits for something, computes again. */
export type Step = { readonly kind: 'compute' | 'wait'; readonly ms: number };

/** How a task goes, drawn before it runs. */
export interface Script {
  readonly steps: readonly Step[];
  /** A part of the answer goes out after this step; undefined when all of it comes at the end. */
  readonly commitAfter: number | undefined;
  /** The worker ends in the middle of it, after this step. */
  readonly crashAfter: number | undefined;
  /** Whether it stops when it is told that nobody waits for it. */
  readonly heedsCancel: boolean;
  /** A connection that the worker holds beside its tasks, until the handler closes it after the last step, or its client leaves. */
  readonly isTunnel?: boolean;
  /** What it goes on to compute when its answer is out, and after which time. */
  readonly leftover: { readonly afterMs: number; readonly computeMs: number } | undefined;
}

/** One task sent to one worker. Another try is another sending. */
export interface Sending {
  readonly task: number;
  readonly worker: number;
  readonly ahead: boolean;
  readonly script: Script;
  /**
   * The cell in shared memory (`src/channel/claims.ts`) in which main thread and watchdog agree. Nobody but them writes it; whoever
   * comes first wins.
   */
  claim: 'open' | 'started' | 'revoked';
}

export type ToMain =
  | { readonly type: 'StartTask' | 'CancelTask'; readonly sending: Sending }
  | { readonly type: 'Ping' }
  | { readonly type: 'Drain' };

export type ToWatchdog = { readonly type: 'RevokeTask'; readonly sending: Sending };

export type TaskWord = {
  readonly type: 'TaskStarted' | 'TaskSkipped' | 'TaskCommitted' | 'TaskEnded';
  readonly sending: Sending;
  /** Of the end: how long it ran, ms. */
  readonly ranMs?: number;
};

/** `Exited` stands for what the system says: as in `supervised-worker.ts` the primary hears it after the last byte was read. */
export type FromMain =
  | { readonly type: 'Ready' | 'BootFailed' | 'Pong' }
  | TaskWord
  | { readonly type: 'Exited'; readonly exit: RawExit };

export interface Vitals {
  readonly memoryBytes: number;
  readonly eventLoopDelayMs: number;
}

export type FromWatchdog =
  | { readonly type: 'TaskRevoked' | 'TaskKept'; readonly sending: Sending }
  | { readonly type: 'Heartbeat'; readonly vitals: Vitals };
