import type { ServerState, SettingsInForce } from '../admin/api.ts';
import type { Controlled } from '../admin/controlled.ts';
import type { Settings } from '../config/settings.ts';
import type { IncidentLog } from '../diagnostics/incident-log.ts';
import { openInspector } from '../diagnostics/open-inspector.ts';
import { takeHeapSnapshot } from '../diagnostics/take-heap-snapshot.ts';
import { takeProfile } from '../diagnostics/take-profile.ts';
import { takeStack } from '../diagnostics/take-stack.ts';
import type { RunningMode, WorkerControl } from '../modes/running-mode.ts';
import { metricsText } from '../telemetry/metrics.ts';
import type { OwnFigures } from './own-figures.ts';
import { readVersion } from '../config/version.ts';

/** What the composition root has at hand. */
export interface ControlledParts {
  readonly settings: Settings;
  readonly inForce: SettingsInForce;
  readonly running: RunningMode;
  readonly figures: OwnFigures;
  readonly incidents: IncidentLog;
  readonly url: string;
  readonly state: () => ServerState;
  readonly reload: Controlled['reload'];
  readonly close: (force: boolean) => void;
}

/** Puts together what the admin API may ask of a server. */
export function createControlled(parts: ControlledParts): Controlled {
  const { settings, running, figures, incidents } = parts;
  const startedAt = new Date().toISOString();
  const version = readVersion();

  const { control } = running;
  const readiness = (): { ready: boolean; why: string } => {
    const why = running.facts().unready;
    return { ready: why === undefined, why: why ?? 'a new request would be taken' };
  };
  const state: Controlled['state'] = () => {
    const { workers, queue, lanes, totals, generation, isReloading } = running.facts();
    const serverState = parts.state();
    const { rssBytes, cpuPercent, eventLoopDelayMs } = figures;
    return {
      server: {
        pid: process.pid,
        mode: settings.mode,
        version,
        node: process.version,
        startedAt,
        url: parts.url,
        state: serverState === 'serving' && isReloading ? 'reloading' : serverState,
        entry: settings.entry,
        generation,
        rssBytes,
        cpuPercent,
        eventLoopDelayMs,
      },
      workers,
      queue,
      lanes,
      totals: { ...totals, incidents: incidents.total },
    };
  };
  return {
    state,
    readiness,
    times: () => running.facts().times,
    settings: () => parts.inForce,
    metrics: () => metricsText(state(), running.facts().times, readiness().ready),
    incidents: () => ({ groups: incidents.groups(), incidents: incidents.list(), dropped: incidents.dropped }),
    incident: (id) => incidents.get(id),
    trace: async (worker, signal) => takeStack(control.find(worker), signal),
    profile: async (worker, ms, signal) => takeProfile(control.find(worker), ms, signal),
    heap: (worker, signal) => takeHeapSnapshot(control.find(worker), signal),
    inspect: async (worker, { holdDeadline }, signal) => inspect(running.control, worker, holdDeadline, signal),
    recycle: async (worker) => control.recycle(worker),
    kill: async (worker) => control.kill(worker),
    scale: async (workers) => control.scale(workers),
    reload: async () => parts.reload(),
    stop(force) {
      parts.close(force);
      return { done: force ? 'the server ends now, and cuts off what runs' : 'the server ends when what it has taken is done' };
    },
  };
}

async function inspect(
  control: WorkerControl,
  ref: string,
  holdDeadline: boolean,
  signal: AbortSignal,
): ReturnType<typeof openInspector> {
  const worker = control.find(ref);
  if (!holdDeadline) return openInspector(worker, signal);
  // Before it is open: a deadline could pass meanwhile.
  control.holdDeadlines(worker, true);
  const goOn = (): void => control.holdDeadlines(worker, false);
  try {
    const inspection = await openInspector(worker, signal);
    void inspection.closed.then(goOn);
    return inspection;
  } catch (error) {
    goOn();
    throw error;
  }
}
