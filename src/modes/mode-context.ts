import type { IncidentRecorder } from '../diagnostics/incident-recorder.ts';
import type { StackReport } from '../diagnostics/stack-report.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/** What a mode gets from the server beside its settings. */
export interface ModeContext {
  /** Manifest of compiled TypeScript, or null for plain JavaScript. */
  readonly typescript: string | null;
  readonly recorder: IncidentRecorder;
  /** Finds out what a worker is doing. Rejects with ERR_OBSERVE when it does not let itself be looked at. */
  readonly look: (worker: SupervisedWorker, signal: AbortSignal) => Promise<StackReport>;
}
