import { readFileSync, writeFileSync } from 'node:fs';
import { until } from '../support/until.ts';

/** How much resident memory the processes had at most, above what they had at first, in bytes, by pid. */
export type Growth = ReadonlyMap<number, number>;

/** Longest work that is watched, ms: beyond that it hangs. */
const HUNG_MS = 170_000;

/**
 * Runs the work and watches the processes meanwhile. The kernel keeps the peak (`VmHWM`, proc(5)), so no moment is missed;
 * it is read again and again because it is lost with the process, and some end with their task.
 */
export async function memoryGrowth(pids: readonly number[], work: () => Promise<void>): Promise<Growth> {
  const idleBytes = new Map(pids.map((pid) => [pid, readBytes(pid, 'VmRSS')]));
  // Resets the peak: proc_pid_clear_refs(5).
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const growth = new Map(pids.map((pid) => [pid, 0]));
  let isOver = false;
  const working = work().finally(() => (isOver = true));
  const sampling = until(
    () => {
      for (const pid of pids) {
        const peakBytes = readBytes(pid, 'VmHWM');
        growth.set(pid, Math.max(growth.get(pid) ?? 0, peakBytes - (idleBytes.get(pid) ?? 0)));
      }
      return isOver;
    },
    { describe: 'the work under which memory is watched', withinMs: HUNG_MS },
  );
  await Promise.all([working, sampling]);
  return growth;
}

/** A field of /proc/PID/status; 0 when the process has ended. */
function readBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 0;
  }
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
