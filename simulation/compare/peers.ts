/**
 * The ways to share out tasks that others have, at their best: no message takes time, no worker has to boot, and as many workers as CPUs,
 * each with a CPU of its own, which is how they are set up. Each task runs to its end where it began.
 */
import { DueQueue } from '../../src/scheduler/due-queue.ts';
import { Agenda } from '../kernel/agenda.ts';
import type { Arrival } from './arrivals.ts';

/** Gets the tasks in the order of their arrival. @returns when each of them ended, ms */
export type Peer = (arrivals: readonly Arrival[], workers: number) => Float64Array;

/** One queue for all workers, first come first served: most pools. */
export const fifo: Peer = (arrivals, workers) => fromOneQueue(arrivals, workers, ({ atMs }) => atMs);

/** One queue for all workers, by an oracle that knows how long each task will run. */
export const shortestFirst: Peer = (arrivals, workers) => fromOneQueue(arrivals, workers, ({ runMs }) => runMs);

/** Each worker has a queue, and they take turns: node:cluster, as far as connections are concerned. */
export const roundRobin: Peer = (arrivals, workers) => {
  const freeAtMs = new Float64Array(workers);
  return Float64Array.from(arrivals, (arrival, index) => enqueue(arrival, freeAtMs, index % workers));
};

/** Each worker has a queue, and a task goes where the fewest are. */
export const leastBusy: Peer = (arrivals, workers) => {
  const freeAtMs = new Float64Array(workers);
  const held = new Uint32Array(workers);
  const ends = new Agenda();
  return Float64Array.from(arrivals, (arrival) => {
    while (ends.nextMs <= arrival.atMs) ends.take()?.();
    let worker = 0;
    for (let other = 1; other < workers; other += 1) if ((held[other] ?? 0) < (held[worker] ?? 0)) worker = other;
    const endMs = enqueue(arrival, freeAtMs, worker);
    held[worker] = (held[worker] ?? 0) + 1;
    ends.add(endMs, () => {
      held[worker] = (held[worker] ?? 1) - 1;
    });
    return endMs;
  });
};

/** Behind all that the worker has. @returns when it ends */
function enqueue({ atMs, runMs }: Arrival, freeAtMs: Float64Array, worker: number): number {
  const endMs = Math.max(atMs, freeAtMs[worker] ?? 0) + runMs;
  freeAtMs[worker] = endMs;
  return endMs;
}

function fromOneQueue(arrivals: readonly Arrival[], workers: number, dueOf: (arrival: Arrival) => number): Float64Array {
  const endsMs = new Float64Array(arrivals.length);
  const agenda = new Agenda();
  const queue = new DueQueue();
  let free = workers;
  const startNext = (nowMs: number): void => {
    while (free > 0 && queue.size > 0) {
      const index = (queue.take() ?? 1) - 1;
      const endMs = nowMs + (arrivals[index]?.runMs ?? 0);
      endsMs[index] = endMs;
      free -= 1;
      agenda.add(endMs, () => {
        free += 1;
        startNext(endMs);
      });
    }
  };
  for (const [index, arrival] of arrivals.entries()) {
    while (agenda.nextMs <= arrival.atMs) agenda.take()?.();
    queue.add(index + 1, dueOf(arrival));
    startNext(arrival.atMs);
  }
  for (let next = agenda.take(); next !== undefined; next = agenda.take()) next();
  return endsMs;
}
