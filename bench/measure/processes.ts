/**
 * Processes as /proc shows them: who belongs to a peer, how much CPU each used, and how to end them all. A family is found twice
 * over: by descent, and by a token in the environment, which daemons inherit that left their parent.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

/** The kernel counts CPU time in this unit; it is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const END_LIMIT_MS = 5000;

export interface ProcessFigures {
  readonly pid: number;
  /** Of its program, cut at 15 characters. */
  readonly name: string;
  readonly parent: number;
  readonly state: string;
  readonly cpuSeconds: number;
}

/** The living processes that come from `root` or carry `token` (`NAME=value`) in their environment. */
export function familyOf(root: number, token: string): readonly ProcessFigures[] {
  const all = allProcesses();
  const members = new Set([root, ...all.filter(({ pid }) => carries(pid, token)).map(({ pid }) => pid)]);
  for (let before = 0; before < members.size;) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid, state }) => members.has(pid) && state !== 'Z');
}

export function cpuSecondsOf(processes: readonly ProcessFigures[]): number {
  return processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** The CPU time of one process, which costs less than to look for all of a family; undefined when it is gone. */
export function cpuSecondsOfOne(pid: number): number | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(pid, text).cpuSeconds;
}

/**
 * Ends a family at once, again and again until nobody is left: one that is just being forked is seen the next time.
 * @throws Error that names who is left after 5 s
 */
export async function endFamily(root: number, token: string): Promise<void> {
  const untilMs = Date.now() + END_LIMIT_MS;
  for (;;) {
    const family = familyOf(root, token);
    if (family.length === 0) return;
    killAll(family);
    if (Date.now() > untilMs) throw new Error(`these processes do not end: ${family.map(({ pid }) => pid).join(', ')}`);
    await wait(20);
  }
}

export function killAll(processes: readonly ProcessFigures[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

/** Seconds that all CPUs together were busy and idle since the machine started. */
export function machineSeconds(): { readonly busy: number; readonly idle: number; readonly stolen: number } {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  return { busy: user + nice + system + irq + softIrq, idle: idle + ioWait, stolen: steal };
}

/** The share of the machine's CPU time that something used: 1 is all CPUs, all the time. */
export function shareOfMachine(cpuSeconds: number, seconds: number): number {
  return cpuSeconds / (seconds * availableParallelism());
}

export function allProcesses(): readonly ProcessFigures[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const text = readText(`/proc/${name}/stat`);
      return text === undefined ? [] : [parseStat(Number(name), text)];
    });
}

/** The name of the program, in brackets, may hold anything; what follows the last bracket is plain. See proc(5). */
function parseStat(pid: number, text: string): ProcessFigures {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return {
    pid,
    name: text.slice(text.indexOf('(') + 1, end),
    parent: Number(fields[1]),
    state: fields[0] ?? '',
    cpuSeconds: ticks / TICKS_PER_SECOND,
  };
}

function carries(pid: number, token: string): boolean {
  return readText(`/proc/${pid}/environ`)?.split('\0').includes(token) ?? false;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
