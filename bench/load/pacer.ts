/**
 * A thread that says when to send. Timers of an event loop are late by up to a millisecond, which is as much as a short request
 * takes; a thread that sleeps on a futex is late by a tenth of that.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { nowMs } from '../now.ts';
import { plannedMs } from './pacing.ts';

export interface Pace {
  readonly startMs: number;
  readonly count: number;
  readonly ratePerSecond: number;
}

const { startMs, count, ratePerSecond } = workerData as Pace;
const never = new Int32Array(new SharedArrayBuffer(4));

for (let index = 0; index < count; index += 1) {
  const restMs = plannedMs(startMs, index, ratePerSecond) - nowMs();
  if (restMs > 0) Atomics.wait(never, 0, 0, restMs);
  parentPort?.postMessage(index);
}
