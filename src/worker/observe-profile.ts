import { setTimeout as delay } from 'node:timers/promises';
import type { InspectedThread } from '../channel/observation.ts';
import { within } from './within.ts';

const STARTS_WITHIN_MS = 10_000;
/** It gathers all samples, and may be in the middle of something. */
const STOPS_WITHIN_MS = 60_000;

/** Has V8 look where the thread is, every so often for so long, in a thread and by a signal of its own: no turn of the event loop is needed. */
export async function observeProfile(
  thread: InspectedThread,
  { forMs, everyMicros }: { readonly forMs: number; readonly everyMicros: number },
  signal: AbortSignal,
): Promise<unknown> {
  try {
    void thread.post('Profiler.enable').catch(() => {});
    void thread.post('Profiler.setSamplingInterval', { interval: everyMicros }).catch(() => {});
    await within(thread.post('Profiler.start'), STARTS_WITHIN_MS, thread, signal);
    // What the thread runs may be optimized code from before, in which V8 could not tell the functions apart: this makes it compile anew.
    void thread.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false }).catch(() => {});
    void thread.post('Profiler.stopPreciseCoverage').catch(() => {});
    await delay(forMs, undefined, { signal });
    const { profile } = await within(thread.post('Profiler.stop'), STOPS_WITHIN_MS, thread, signal);
    return profile;
  } finally {
    // It also stops what was begun.
    void thread.post('Profiler.disable').catch(() => {});
  }
}
