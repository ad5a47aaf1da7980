import { setTimeout as wait } from 'node:timers/promises';
import { allProcesses, machineSeconds, shareOfMachine } from './processes.ts';

const LOOK_MS = 400;

/** What of the machine others used while this process waited. */
export interface Others {
  /** 0 to 1, where 1 is all CPUs. What the machine gave to other machines counts too. */
  readonly share: number;
  /** Those of them that used the most, by name and pid; they may be ones of a moment that nobody can name. */
  readonly names: readonly string[];
}

const MOST_NAMES = 3;

/** Whatever else runs on the machine while this process waits. */
export async function lookAtOthers(): Promise<Others> {
  const before = { atMs: performance.now(), machine: machineSeconds(), processes: usedSoFar() };
  await wait(LOOK_MS);
  const after = machineSeconds();
  const used = after.busy + after.stolen - before.machine.busy - before.machine.stolen;
  const share = shareOfMachine(used, (performance.now() - before.atMs) / 1000);
  const names = allProcesses()
    .map(({ pid, name, cpuSeconds }) => ({ name: `${name} ${pid}`, used: cpuSeconds - (before.processes.get(pid) ?? 0) }))
    .filter((each) => each.used > 0)
    .toSorted((a, b) => b.used - a.used)
    .slice(0, MOST_NAMES)
    .map(({ name }) => name);
  return { share, names };
}

function usedSoFar(): ReadonlyMap<number, number> {
  return new Map(allProcesses().map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
}
