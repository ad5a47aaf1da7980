import { readFileSync } from 'node:fs';

const TRIES = 10;

/** System calls that read and write, and the bytes of them: what a process has done since it began. See `io` in proc(5). */
export interface Io {
  readonly reads: number;
  readonly writes: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

function ioOf(pid: number): Io {
  const text = readFileSync(`/proc/${pid}/io`, 'latin1');
  const figure = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
  return { reads: figure('syscr'), writes: figure('syscw'), bytesRead: figure('rchar'), bytesWritten: figure('wchar') };
}

/**
 * What processes do for each of so many tasks: the least of some tries, for each figure. The threads of V8, and the test runner, wake the event loop now and then, by a read
 * and a write that no task asked for.
 */
export async function ioPerTask(pids: readonly number[], tasks: number, work: () => Promise<void>): Promise<readonly Io[]> {
  const tries: Io[][] = [];
  for (let count = 0; count < TRIES; count += 1) {
    const before = pids.map(ioOf);
    await work();
    tries.push(pids.map((pid, index) => perTask(before[index], ioOf(pid), tasks)));
  }
  const least = (index: number, key: keyof Io): number => Math.min(...tries.map((each) => each[index]?.[key] ?? Number.NaN));
  return pids.map((_, index) => ({
    reads: least(index, 'reads'),
    writes: least(index, 'writes'),
    bytesRead: least(index, 'bytesRead'),
    bytesWritten: least(index, 'bytesWritten'),
  }));
}

function perTask(before: Io | undefined, after: Io, tasks: number): Io {
  const per = (key: keyof Io): number => (after[key] - (before?.[key] ?? Number.NaN)) / tasks;
  return { reads: per('reads'), writes: per('writes'), bytesRead: per('bytesRead'), bytesWritten: per('bytesWritten') };
}
