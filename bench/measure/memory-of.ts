import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Memory of a process that it has to itself, and its share of what it has with others, so that processes can be added up: see `smaps_rollup` in
 * proc(5). 0 for one that has ended.
 */
export function proportionalBytes(pid: number): number {
  return kilobytesOf(`/proc/${pid}/smaps_rollup`, 'Pss') * 1024;
}

export function residentBytes(pid: number): number {
  return kilobytesOf(`/proc/${pid}/status`, 'VmRSS') * 1024;
}

/** The most that was resident since the start, or since `forgetPeak`. */
export function peakBytes(pid: number): number {
  return kilobytesOf(`/proc/${pid}/status`, 'VmHWM') * 1024;
}

/** Of one that has ended there is none. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
  }
}

function kilobytesOf(path: string, field: string): number {
  try {
    const line = readFileSync(path, 'latin1')
      .split('\n')
      .find((text) => text.startsWith(`${field}:`));
    return Number(/\d+/.exec(line ?? '')?.[0] ?? 0);
  } catch {
    return 0;
  }
}
