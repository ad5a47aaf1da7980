import { observeWhole, type Observable } from './observe.ts';
import { mapProfile } from './source-maps.ts';

/** V8's own default. */
const EVERY_MICROS = 1000;
/** Of a longer profile the samples are further apart: nobody can read more. */
const MOST_SAMPLES = 120_000;
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Takes a CPU profile for `ms`, also of a loop without end. While it is taken the worker is slower by a few percent.
 *
 * @param ms 1 to 600,000
 * @returns a .cpuprofile as JSON text: for Chrome DevTools, speedscope, Visual Studio Code
 * @throws PreforkError ERR_OBSERVE when the worker ends meanwhile, when it does not leave native code, and when another profile of
 * it is being taken; the reason of the signal when that aborts
 */
export async function takeProfile(worker: Observable, ms: number, signal: AbortSignal): Promise<string> {
  const everyMicros = Math.max(EVERY_MICROS, Math.ceil((1000 * ms) / MOST_SAMPLES));
  const json = await observeWhole(worker, { what: 'profile', forMs: Math.ceil(ms), everyMicros }, signal, MOST_BYTES);
  return mapProfile(json);
}
