import { formatDuration } from '../config/duration.ts';
import type { End } from '../diagnostics/incident-recorder.ts';
import { describeEnd, type BootError, type WorkerEnd } from '../supervisor/decisions/life.ts';

/** How tasks and workers end, in the words of an incident. */
export function endedAtDeadline(deadlineMs: number): End {
  return { how: `it was ended at its deadline of ${formatDuration(deadlineMs)}`, status: 504, exitCode: null, signal: null };
}

export function endedByBoot(error: BootError): End {
  return { how: error.message, status: null, exitCode: null, signal: null };
}

/** @param status what the client gets; null where nobody is left to answer */
export function endedWithWorker(end: WorkerEnd | undefined, status: number | null): End {
  return {
    how: end === undefined ? 'its worker ended' : `its worker ended: ${describeEnd(end)}`,
    status,
    exitCode: end?.kind === 'exited' ? end.code : null,
    signal: end?.kind === 'signalled' ? end.signal : null,
  };
}

/** Undefined when the end of the worker is no incident: somebody wanted it. */
export function kindOfLoss(end: WorkerEnd | undefined): 'crash' | 'hung' | undefined {
  if (end?.kind === 'drained') return undefined;
  if (end?.kind !== 'killed') return 'crash';
  switch (end.reason) {
    // To end the server, by force too, was somebody's will.
    case 'shutdown':
    case 'drainTimeout':
      return undefined;
    case 'silent':
      return 'hung';
    default:
      return 'crash';
  }
}
