import type { HandlerConfig } from '../channel/messages.ts';
import type { PreforkError } from '../errors/prefork-error.ts';
import type { BootError } from '../supervisor/decisions/life.ts';
import type { CallParts, EndedCall } from './call-task.ts';

/** What runs the calls of a pool. */
export interface CallBackend {
  readonly figures: BackendFigures;
  run(parts: CallParts): void;
  /** Nobody waits for the call any more: it is rejected with the reason, and ended wherever it is. */
  giveUp(id: number, reason: unknown): void;
  /** Resolves when all workers are gone. No call is open any more, or nobody cares. */
  close(): Promise<void>;
  /** Rejects all calls, and ends every worker at once. */
  force(error: () => PreforkError): void;
}

export interface BackendFigures {
  /** Calls that were not begun. */
  readonly waiting: number;
  readonly running: number;
  /** Calls that were started once more after their worker had ended. */
  readonly retried: number;
  /** Workers that boot. */
  readonly starting: number;
  /** All workers, those that boot or end included. */
  readonly workers: number;
}

/** What the pool is told. */
export interface CallListener {
  /** @throws PreforkError when the config makes no sense */
  onReady(config: HandlerConfig): void;
  onBootFailed(error: BootError): void;
  /** The call is settled, and its worker is free or gone. */
  onEnded(call: EndedCall): void;
}
