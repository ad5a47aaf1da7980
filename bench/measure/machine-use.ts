import { nowMs } from '../now.ts';
import { machineSeconds, shareOfMachine } from './processes.ts';

/** Shares of the time of all CPUs: 1 is the whole machine. */
export interface MachineUse {
  readonly idleShare: number;
  /** What nobody who is known used, other machines included. */
  readonly othersShare: number;
}

/**
 * Begins to count.
 * @param usedSoFar CPU time of those who are known, in seconds
 * @returns what came of it since then
 */
export function countMachineUse(usedSoFar: () => number): () => MachineUse {
  const before = { ...machineSeconds(), atMs: nowMs(), known: usedSoFar() };
  return () => {
    const after = machineSeconds();
    const seconds = (nowMs() - before.atMs) / 1000;
    const busy = after.busy + after.stolen - before.busy - before.stolen;
    return {
      idleShare: shareOfMachine(after.idle - before.idle, seconds),
      othersShare: Math.max(0, shareOfMachine(busy - (usedSoFar() - before.known), seconds)),
    };
  };
}
