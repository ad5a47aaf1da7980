import { setTimeout as delay } from 'node:timers/promises';
import type { InspectedThread, RawSample, RawStack, ThreadFacts } from '../channel/observation.ts';
import type { StackSampler } from './stack-sampler.ts';

/** A thread that does not answer for so long is in native code or in a system call. */
const PATIENCE_MS = 250;
/** Of a native call that ends a little later the caller is worth knowing. */
const LAST_PATIENCE_MS = 1500;

/** Looks where the thread is, some times in a row: a loop is found in the same place, a wait in none. */
export async function observeStack(
  thread: InspectedThread,
  sampler: StackSampler,
  { samples: count, everyMs }: { readonly samples: number; readonly everyMs: number },
  signal: AbortSignal,
): Promise<RawStack> {
  const startedMs = performance.now();
  const samples: RawSample[] = [];
  const facts: (ThreadFacts | null)[] = [];
  const takenMs: number[] = [];
  let firstAfterMs = 0;
  // Before anything wakes it.
  facts.push(thread.facts() ?? null);
  sampler.open();
  try {
    while (samples.length < count) {
      if (samples.length > 0) {
        await delay(everyMs, undefined, { signal });
        facts.push(thread.facts() ?? null);
      }
      takenMs.push(performance.now());
      samples.push(await sampler.sample(samples.length === count - 1 ? LAST_PATIENCE_MS : PATIENCE_MS));
      if (samples.length === 1) firstAfterMs = performance.now() - startedMs;
      signal.throwIfAborted();
    }
  } finally {
    sampler.close();
  }
  const elapsedMs = (takenMs.at(-1) ?? 0) - (takenMs[0] ?? 0);
  const allAfterMs = performance.now() - startedMs;
  return { samples, firstAfterMs, allAfterMs, resources: sampler.resources, thread: facts, elapsedMs };
}
