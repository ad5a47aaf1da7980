import { setTimeout as delay } from 'node:timers/promises';
import type { InspectedThread, RawSample, RawStack, ThreadFacts } from '../channel/observation.ts';
import type { StackSampler } from './stack-sampler.ts';

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
      samples.push(await sampler.sample());
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
