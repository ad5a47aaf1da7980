/**
 * The priority of another process, or of a thread: what differs between systems is in here.
 *
 * Linux has a nice value for each thread (setpriority(2); that of the main thread bears the pid), which counts among those of its session where sessions are scheduled as groups
 * (autogroup, sched(7)), and of its cgroup where that has the CPU controller. The nice value of the group counts between sessions. Elsewhere there is one of the process alone.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release, setPriority } from 'node:os';
import { isInCpuGroup } from '../config/cgroup.ts';

export interface Priority {
  /** 0 is normal, 19 the lowest. */
  readonly nice: number;
  /** It runs when nobody else wants a CPU, and leaves it at once to who does. Where slices can be set, those do it for all nice values above 0. */
  readonly isIdle: boolean;
}

export const NORMAL: Priority = { nice: 0, isIdle: false };

/** Each step of the nice value is worth a quarter more or less CPU (sched(7)): 1024 / 1.25^nice is the weight of a process. */
const STEP = 1.25;
const LOWEST = 19;

/** What became of an attempt to set one: `later` when it may be tried again in a moment. */
export type Change = 'done' | 'refused' | 'later';

/** Sets the nice value of a process, or of a thread of this one. Only root may raise a priority. */
export function setNice(id: number, nice: number): Change {
  return attempt(() => setPriority(id, nice));
}

/** Sets that of the session of a process. But for root all such values of a system may be changed ten times a second. */
export function setNiceOfGroup(pid: number, nice: number): Change {
  return attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(nice), { flag: 'r+' }));
}

/** Whether Linux schedules sessions as groups: then the priority of a process counts only among those of its session. */
export function areSessionsGroups(): boolean {
  return read('/proc/sys/kernel/sched_autogroup_enabled')?.trim() === '1' && !isInCpuGroup(read);
}

/** The numbers of sched_setattr(2) on the systems of 64 bits for which there is Node: https://github.com/torvalds/linux/tree/master/arch, `syscall.tbl`. */
const SET_ATTRIBUTES: Partial<Record<NodeJS.Architecture, number>> = {
  x64: 314,
  arm64: 274,
  riscv64: 274,
  loong64: 274,
  ppc64: 355,
  s390x: 345,
};
export const PERL = '/usr/bin/perl';

/**
 * The number of the call that sets in what slices a process gets a CPU (https://docs.kernel.org/scheduler/sched-eevdf.html); undefined where the kernel lets nobody set them
 * (before 6.12), or where there is nothing to call it with. Node can make no call that it does not know; Perl can, and is part of every Debian and most other systems.
 */
export function callForSlices(): number | undefined {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const hasSlices = process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 12));
  return hasSlices && existsSync(PERL) ? SET_ATTRIBUTES[process.arch] : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** A file or process that is not there needs no change. */
function attempt(change: () => void): Change {
  try {
    change();
    return 'done';
  } catch (error) {
    const code =
      (error as NodeJS.ErrnoException & { info?: { code?: string } }).info?.code ?? (error as NodeJS.ErrnoException).code;
    if (code === 'EAGAIN') return 'later';
    return code === 'ENOENT' || code === 'ESRCH' ? 'done' : 'refused';
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

/**
 * The priority of `count` processes in the long lane. With room on the CPUs they have what is left, whoever they are; on a machine that short ones keep busy
 * that would be nothing, and the floor is theirs.
 */
export function priorityOfLong(count: number, floor: number, cpus: number, isSaturated: boolean): Priority {
  const nice = niceForShare(count, floor, cpus);
  // The system counts the time of those at 0 with that of normal ones (proc_stat(5)): it would look as if short ones kept the machine busy.
  return isSaturated ? { nice, isIdle: false } : { nice: Math.max(1, nice), isIdle: true };
}
