/** What Linux tells of processes, by proc(5). It is asked from outside, so that it holds for a server that computes, and for one that is gone. */
import { readdirSync, readFileSync } from 'node:fs';

/** What user space sees is counted in hundredths of a second on every Linux, whatever the kernel does inside: time(7), USER_HZ. */
const TICKS_A_SECOND = 100;

export interface Process {
  readonly pid: number;
  readonly ppid: number;
  /** When it started: with the pid it names a process for good, for a pid may be given to another one. */
  readonly startTicks: number;
  readonly cpuMs: number;
}

export type ProcessTable = ReadonlyMap<number, Process>;

/** All processes that run now; null where there is no /proc. Those that have ended, and wait for their parent to see it, do not run. */
export function readProcessTable(): ProcessTable | null {
  if (process.platform !== 'linux') return null;
  const table = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const found = readProcess(Number(name));
    if (found !== null) table.set(found.pid, found);
  }
  return table;
}

function readProcess(pid: number): Process | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name is in parentheses, and may have such and spaces in it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'Z', ppid] = fields;
  if (state === 'Z' || state === 'X') return null;
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid, ppid: Number(ppid), startTicks: Number(fields[19]), cpuMs: (ticks * 1000) / TICKS_A_SECOND };
}

/** All below it, nearest first. */
export function descendantsOf(pid: number, table: ProcessTable): Process[] {
  const found: Process[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = [...table.values()].filter(({ ppid }) => parents.has(ppid));
    found.push(...children);
    parents = new Set(children.map((child) => child.pid));
  }
  return found;
}

/** Resident memory; 0 when it has just ended. */
export function rssBytesOf(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return Number(kilobytes) * 1024;
}

/** Its command line, the arguments joined by spaces. */
export function commandOf(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has just ended.
    return null;
  }
}
