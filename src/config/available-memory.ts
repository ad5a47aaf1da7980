import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { readCgroupHeadroom, type ReadText } from './cgroup.ts';

/** Memory that could be taken now without taking it from anybody, bytes: of the machine, and of the control groups of this process. */
export function availableMemory(read: ReadText = readText): number {
  return Math.max(0, Math.min(machineAvailable(read) ?? freemem(), readCgroupHeadroom(read) ?? Number.MAX_SAFE_INTEGER));
}

/** proc_meminfo(5): what is free or can be freed without swapping. */
function machineAvailable(read: ReadText): number | undefined {
  const [, kilobytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo') ?? '') ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
