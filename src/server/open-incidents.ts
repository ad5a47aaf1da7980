import type { Settings } from '../config/settings.ts';
import { IncidentFiles } from '../diagnostics/incident-files.ts';
import { IncidentLog } from '../diagnostics/incident-log.ts';
import { publish } from '../events/events.ts';

export interface OpenIncidents {
  readonly log: IncidentLog;
  /** Resolves when the last of them is in its file. */
  close(): Promise<void>;
}

/** Where the incidents of one server go: into memory, and into files if the operator wants so. */
export function openIncidents({ incidentsFolder }: Settings): OpenIncidents {
  const files =
    incidentsFolder === undefined
      ? undefined
      : new IncidentFiles(incidentsFolder, (message) => publish({ type: 'server:notice', message }));
  const log = new IncidentLog();
  if (files !== undefined) log.subscribe((incident) => files.write(incident));
  return { log, close: async () => files?.flush() };
}
