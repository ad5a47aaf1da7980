import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { readCgroupLimits, type ReadText } from './cgroup.ts';

/** What this process may use of its machine. */
export interface Machine {
  /** CPUs, a fraction where a cgroup grants less than whole ones. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

const MB = 1024 ** 2;
/** Memory that is reckoned for one worker: 45 MB of Node and watchdog, the rest for the handler. */
const WORKER_BYTES = 128 * MB;
/** The least that `memory` can be set to: what the scheduler reckons for a worker until it has measured one. */
export const LEAST_MEMORY_BYTES = 64 * MB;
const LEAST_MAX = 4;
const WORKERS_PER_CPU = 32;

/** The smaller of what the operating system and the control groups allow: CPU affinity and memory, quota and limit. */
export function measureMachine(read: ReadText = readText, os: Machine = machineOfOs()): Machine {
  const limits = readCgroupLimits(read);
  return {
    cpus: Math.min(os.cpus, limits.cpus ?? os.cpus),
    memoryBytes: Math.min(os.memoryBytes, limits.memoryBytes ?? os.memoryBytes),
  };
}

/**
 * Default of `max`: half of the memory / 128 MB, at least 4, at most 32 for each begun CPU. Memory sets it, since a process
 * that waits costs no CPU; the other half is left for the primary, bodies and whatever else runs. At least 4, so that a few
 * long tasks leave room for short ones even where memory is scarce.
 */
export function defaultMaxWorkers(machine: Machine): number {
  const byMemory = Math.floor(defaultMemory(machine) / WORKER_BYTES);
  return Math.min(Math.max(byMemory, LEAST_MAX), WORKERS_PER_CPU * Math.ceil(machine.cpus));
}

/** Default of `memory`: half of what there is; the rest is for the primary, the bodies and whatever else runs. */
export function defaultMemory(machine: Machine): number {
  return Math.max(1, Math.floor(machine.memoryBytes / 2));
}

/**
 * Default of `max` in mode `cluster`: one worker for each begun CPU, at least 2. There each worker runs many requests at once,
 * so more would only take turns; a second one goes on while the first is replaced.
 */
export function defaultClusterWorkers(machine: Machine): number {
  return Math.max(Math.ceil(machine.cpus), 2);
}

/** `availableParallelism` counts the CPUs of the affinity mask, cpusets included; it knows of no quota. */
function machineOfOs(): Machine {
  return { cpus: availableParallelism(), memoryBytes: totalmem() };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
