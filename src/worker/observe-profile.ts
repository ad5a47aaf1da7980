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
  ask: (expression: string) => Promise<unknown>,
): Promise<unknown> {
  try {
    void thread.post('Profiler.enable').catch(() => {});
    void thread.post('Profiler.setSamplingInterval', { interval: everyMicros }).catch(() => {});
    await within(thread.post('Profiler.start'), STARTS_WITHIN_MS, thread, signal);
    await within(compileAnew(thread, ask), STARTS_WITHIN_MS, thread, signal);
    await delay(forMs, undefined, { signal });
    const { profile } = await within(thread.post('Profiler.stop'), STOPS_WITHIN_MS, thread, signal);
    return profile;
  } finally {
    // It also stops what was begun.
    void thread.post('Profiler.disable').catch(() => {});
  }
}

/**
 * A loop that runs for long was compiled with the functions that it calls in it, and code from before the profile does not know their names any more.
 * Counting calls makes V8 throw away all optimised code; what it makes of it anew, within milliseconds, tells them apart. Whoever
 * measures the coverage of this worker counts already, and is not disturbed.
 */
async function compileAnew(thread: InspectedThread, ask: (expression: string) => Promise<unknown>): Promise<void> {
  if ((await ask('process.env.NODE_V8_COVERAGE === undefined')) !== true) return;
  await thread.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false });
  await thread.post('Profiler.stopPreciseCoverage');
}
