import { drawArrivals } from './arrivals.ts';
import { fifo, leastBusy, type Peer, roundRobin, shortestFirst } from './peers.ts';
import { prefork } from './prefork.ts';

export interface Delay {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * How long tasks of one kind were delayed: from their arrival to their answer, less the time that they run alone on a CPU. For a task that
 * runs to its end where it began, that is the time that it waited; for one that shares a CPU, what sharing cost it too.
 */
export interface Cell {
  readonly way: string;
  readonly workers: number;
  readonly short: Delay;
  readonly long: Delay;
}

const WAYS: readonly (readonly [name: string, peer: Peer])[] = [
  ['one queue, first come first', fifo],
  ['round robin', roundRobin],
  ['least busy', leastBusy],
  ['shortest first (oracle)', shortestFirst],
  ['prefork', prefork],
];

export const OWN = 'prefork';
export const WAY_NAMES = WAYS.map(([name]) => name);

/** @param shortTasks how many of them are measured at least, for each number of CPUs */
export function compare(cpuCounts: readonly number[], shortTasks: number): readonly Cell[] {
  return cpuCounts.flatMap((cpus) => {
    const { list, countFromMs } = drawArrivals(`arrivals ${cpus}`, cpus, shortTasks);
    return WAYS.map(([way, peer]): Cell => {
      const endsMs = peer(list, cpus);
      const delaysOf = (isLong: boolean): Delay => {
        const delaysMs = list.flatMap((arrival, index) =>
          arrival.isLong === isLong && arrival.atMs >= countFromMs
            ? [(endsMs[index] ?? Number.POSITIVE_INFINITY) - arrival.atMs - arrival.runMs]
            : [],
        );
        return summarise(Float64Array.from(delaysMs));
      };
      return { way, workers: cpus, short: delaysOf(false), long: delaysOf(true) };
    });
  });
}

function summarise(delaysMs: Float64Array): Delay {
  const sorted = delaysMs.toSorted();
  // Sums of fractions: a task that was not delayed may seem to be early by a rounding error.
  const quantile = (share: number): number => Math.max(0, sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}
