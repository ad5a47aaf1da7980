import type { IncidentRecorder } from '../diagnostics/incident-recorder.ts';
import type { StackReport } from '../diagnostics/stack-report.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import type { CodeSource } from './code-source.ts';

/** What a mode gets from the server beside its settings. */
export interface ModeContext {
  readonly source: CodeSource;
  readonly recorder: IncidentRecorder;
  /** False where workers that have nothing to do shall not keep this process from its end. Default true. */
  readonly keepsAlive?: boolean;
  /** Finds out what a worker is doing. Rejects with ERR_OBSERVE when it does not let itself be looked at. */
  readonly look: (worker: SupervisedWorker, signal: AbortSignal) => Promise<StackReport>;
}
