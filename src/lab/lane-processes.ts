import type { LaneProcess, LaneWorker } from './api.ts';
import { commandOf, descendantsOf, type Process, type ProcessTable, rssBytesOf } from './process-table.ts';

interface Known {
  readonly process: Process;
  readonly role: LaneProcess['role'];
  readonly primary: number;
  readonly seenAtMs: number;
  readonly cpuPercent: number;
}

/** A shorter time between two looks says little about the CPU that was used. */
const LEAST_MS = 200;

/**
 * The processes of one lane. They are remembered from look to look: when a primary is gone, its children are those of another parent, and
 * only who has seen them before can tell which ones they are.
 */
export class LaneProcesses {
  #known = new Map<number, Known>();

  /** @param primary the pid of the server; undefined when it is gone */
  look(table: ProcessTable, primary: number | undefined, nowMs: number): void {
    const known = new Map<number, Known>();
    for (const [pid, before] of this.#known) {
      const process = table.get(pid);
      if (process !== undefined && process.startTicks === before.process.startTicks)
        known.set(pid, renew(before, process, nowMs));
    }
    const own = primary === undefined ? undefined : table.get(primary);
    if (own !== undefined)
      for (const process of [own, ...descendantsOf(own.pid, table)]) {
        const { pid } = process;
        if (!known.has(pid))
          known.set(pid, { process, role: roleOf(pid, own.pid), primary: own.pid, seenAtMs: nowMs, cpuPercent: 0 });
      }
    this.#known = known;
  }

  /** The pids of those that were there at the last look, and came from this primary, without itself. */
  childrenOf(primary: number): number[] {
    return [...this.#known.values()]
      .filter((known) => known.primary === primary && known.process.pid !== primary)
      .map(({ process }) => process.pid);
  }

  /** All pids that were there at the last look. */
  get pids(): number[] {
    return [...this.#known.keys()];
  }

  /** @param workers what the server tells of its workers, by pid */
  tell(primary: number | undefined, workers: ReadonlyMap<number, readonly LaneWorker[]>): LaneProcess[] {
    return [...this.#known.values()].map(({ process: { pid }, role, primary: from, cpuPercent }) => ({
      pid,
      role,
      isOrphan: from !== primary,
      cpuPercent,
      rssBytes: rssBytesOf(pid),
      workers: workers.get(pid) ?? [],
    }));
  }
}

function renew(before: Known, process: Process, nowMs: number): Known {
  // Between its fork and its exec a child has the command line of its parent.
  const role = before.role === 'other' ? roleOf(process.pid, before.primary) : before.role;
  const pastMs = nowMs - before.seenAtMs;
  if (pastMs < LEAST_MS) return { ...before, role };
  const cpuPercent = Math.max(0, Math.round(((process.cpuMs - before.process.cpuMs) / pastMs) * 100));
  return { ...before, role, process, seenAtMs: nowMs, cpuPercent };
}

function roleOf(pid: number, primary: number): LaneProcess['role'] {
  if (pid === primary) return 'primary';
  const command = commandOf(pid);
  if (command.includes('prefork-sentinel')) return 'sentinel';
  return /worker\/entry\.cjs|cluster-worker\.js/.test(command) ? 'worker' : 'other';
}
