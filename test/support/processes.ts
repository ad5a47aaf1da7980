import { readFileSync, readdirSync } from 'node:fs';
import { until } from './until.ts';

/** A process for good: its pid alone may be given to another process once it has ended. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since boot: field 22 of /proc/PID/stat, proc(5). */
  readonly startTicks: number;
}

export interface ProcessInfo extends ProcessIdentity {
  readonly ppid: number;
  /** Process group. */
  readonly pgid: number;
  /** R running, S sleeping, D waiting for the disk, T stopped, Z ended but not yet waited for, and others: proc(5). */
  readonly state: string;
  /** The command line, its arguments joined by spaces; the bare name in parentheses where there is none. */
  readonly cmd: string;
}

/** What Linux tells of a process; null when there is none of this pid. Needs /proc, as do all functions here. */
export function readProcess(pid: number): ProcessInfo | null {
  return readProcessSince(pid, 0);
}

/** Null too for a process that started before: there are many of those on a machine, and so no more is read of it than that. */
function readProcessSince(pid: number, sinceTicks: number): ProcessInfo | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and may itself hold parentheses and spaces, so count from the last one.
    const nameEnd = stat.lastIndexOf(')');
    const fields = stat.slice(nameEnd + 2).split(' ');
    const startTicks = Number(fields[19]);
    if (startTicks < sinceTicks) return null;
    const cmdline = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
    return {
      pid,
      state: fields[0] ?? '?',
      ppid: Number(fields[1]),
      pgid: Number(fields[2]),
      startTicks,
      cmd: cmdline === '' ? stat.slice(stat.indexOf('('), nameEnd + 1) : cmdline,
    };
  } catch (error) {
    // ESRCH comes when the process ends between the opening of a file and its reading.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return null;
    throw error;
  }
}

/** Every process that this user can see and that did not start before `sinceTicks`, ended ones that nobody waited for included. */
export function allProcesses(sinceTicks = 0): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name) => readProcessSince(Number(name), sinceTicks))
    .filter((info) => info !== null);
}

/** The live descendants of a process, nearest first; those whose parent has ended are no longer among them: see `family.ts`. */
export function descendants(pid: number, among: readonly ProcessInfo[] = allProcesses()): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = among.filter((info) => parents.has(info.ppid));
    found.push(...children);
    parents = new Set(children.map((info) => info.pid));
  }
  return found.filter(runs);
}

/** Whether a process still runs; one that ended and was not waited for (a zombie) does not. A pid stands for whoever has it now. */
export function isAlive(which: number | ProcessIdentity): boolean {
  const info = readProcess(typeof which === 'number' ? which : which.pid);
  if (info === null || !runs(info)) return false;
  return typeof which === 'number' || info.startTicks === which.startTicks;
}

/** Waits until none of these runs any more; a pid stands for the process that has it when this is called. Default 10,000 ms. */
export async function gone(processes: Iterable<number | ProcessIdentity>, withinMs = 10_000): Promise<void> {
  const identities = [...processes].map(identify).filter((info) => info !== null);
  const alive = () => identities.filter(isAlive).map((identity) => readProcess(identity.pid));
  await until(() => alive().length === 0, { describe: () => `these processes to end: ${JSON.stringify(alive())}`, withinMs });
}

/** Whether a process is neither a zombie nor on its way out of the process table. */
export function runs(info: ProcessInfo): boolean {
  return info.state !== 'Z' && info.state !== 'X';
}

function identify(which: number | ProcessIdentity): ProcessIdentity | null {
  return typeof which === 'number' ? readProcess(which) : which;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
