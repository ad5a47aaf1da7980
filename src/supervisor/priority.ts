/**
 * The priority of another process, or of a thread: what differs between systems is in here.
 *
 * Linux has two levels. The nice value of a process counts among the processes of its session or, where the CPU controller of
 * a cgroup is in use, of its cgroup. Where sessions are scheduled as groups (autogroup, sched(7)), the nice value of
 * the group counts between them, and each worker leads a session of its own. So both are set: one of them has an effect.
 * Elsewhere there is the nice value alone.
 */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Each step of the nice value is worth a quarter more or less CPU (sched(7)): 1024 / 1.25^nice is the weight of a process. */
const STEP = 1.25;
const LOWEST = 19;

/**
 * Sets the nice value of a process: 0 is normal, 19 the lowest priority.
 *
 * @returns false when the system refuses: only root may raise the priority of a process, and a group may be changed ten times a second
 */
export function setNice(pid: number, nice: number): boolean {
  const results = [attempt(() => setPriority(pid, nice))];
  if (process.platform === 'linux') {
    results.push(attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(nice), { flag: 'r+' })));
  }
  return results.every(Boolean);
}

/**
 * The same for a thread of this process, by what the system calls it. On Linux setpriority(2) sets the nice value of one thread; those of
 * one process are of one session, and so of one group.
 */
export function setNiceOfThread(id: number, nice: number): boolean {
  return attempt(() => setPriority(id, nice));
}

/** A file or process that is not there needs no change. */
function attempt(change: () => void): boolean {
  try {
    change();
    return true;
  } catch (error) {
    const code =
      (error as NodeJS.ErrnoException & { info?: { code?: string } }).info?.code ?? (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ESRCH';
  }
}

/**
 * The nice value at which `count` processes that never wait share `floor` of the CPUs, or a little more, against normal ones
 * that never wait either.
 *
 * @param floor share of the CPUs, above 0 and below 1
 */
export function niceForShare(count: number, floor: number, cpus: number): number {
  const perCpu = Math.max(1, count / cpus);
  // Fewer processes than CPUs have to get the share of all CPUs from those that they are on.
  const share = Math.min(0.5, (floor * cpus) / Math.min(cpus, Math.max(1, count)));
  const ratio = share / (1 - share) / perCpu;
  return Math.max(0, Math.min(LOWEST, Math.floor(Math.log(1 / ratio) / Math.log(STEP) + 1e-9)));
}
