/**
 * What the admin API may ask of a server. The composition root builds it from the rooms; the API knows nothing else of them. What can not be
 * done rejects with a PreforkError: ERR_NO_SUCH_WORKER, ERR_NOT_SUPPORTED, ERR_OBSERVE, ERR_RELOAD.
 */
import type { Incident } from '../diagnostics/incident.ts';
import type { StackReport } from '../diagnostics/stack-report.ts';
import type { LaneTimes } from '../http/task-counts.ts';
import type { Done, Incidents, Inspection, ReloadReport, SettingsInForce, State } from './api.ts';

/** A worker as an operator names it: by pid, or by `w` and its id. */
export type WorkerRef = string;

export interface Controlled {
  state(): State;
  /** How long the tasks waited and ran, all since the start. */
  times(): LaneTimes;
  settings(): SettingsInForce;
  incidents(): Incidents;
  incident(id: string): Incident | undefined;
  /** For Prometheus. */
  metrics(): string;
  /** Whether a new request would be taken; the text says why not. */
  readiness(): { readonly ready: boolean; readonly why: string };

  trace(worker: WorkerRef, signal: AbortSignal): Promise<StackReport>;
  /** A .cpuprofile as JSON text. */
  profile(worker: WorkerRef, ms: number, signal: AbortSignal): Promise<string>;
  /** A .heapsnapshot, piece by piece. Refused before the first piece when there is not enough memory for it. */
  heap(worker: WorkerRef, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Opens the inspector until the signal aborts; `closed` resolves when it is closed, or its worker is gone. */
  inspect(
    worker: WorkerRef,
    options: { readonly holdDeadline: boolean },
    signal: AbortSignal,
  ): Promise<Inspection & { readonly closed: Promise<void> }>;

  recycle(worker: WorkerRef): Promise<Done>;
  kill(worker: WorkerRef): Promise<Done>;
  scale(workers: number): Promise<Done>;
  reload(): Promise<ReloadReport>;
  /** Resolves as the end begins. */
  stop(force: boolean): Done;
}
