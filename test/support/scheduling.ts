import { readFileSync } from 'node:fs';

export const SCHED_OTHER = 0;
export const SCHED_IDLE = 5;

/** proc_pid_stat: the policy is the 39th field after the name, which may hold blanks and brackets. */
export function policyOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
}

/** In what slices a process gets a CPU, ns: of /proc/PID/sched, which only some kernels have. */
export function sliceOf(pid: number): number {
  return Number(/^se\.slice\s*:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/sched`, 'latin1'))?.[1]);
}

/** The nice value of the session of a process, where sessions are scheduled as groups. */
export function niceOfGroup(pid: number): number {
  return Number(/nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'latin1'))?.[1]);
}
