import * as v from 'valibot';
import type { RawStack } from '../channel/observation.ts';

/** A worker's word is not to be trusted with our memory: what is longer than it can be is none of ours. */
const text = v.pipe(v.string(), v.maxLength(8192));
const count = v.pipe(v.number(), v.finite(), v.minValue(0));

const frame = v.object({ function: text, url: text, line: count, column: count, mapped: v.boolean() });

const rawStack = v.object({
  samples: v.pipe(
    v.array(
      v.variant('found', [
        v.object({ found: v.literal('frames'), frames: v.pipe(v.array(frame), v.minLength(1), v.maxLength(200)) }),
        v.object({ found: v.picklist(['silent', 'idle']) }),
      ]),
    ),
    v.minLength(1),
    v.maxLength(100),
  ),
  firstAfterMs: count,
  allAfterMs: count,
  resources: v.nullable(v.record(text, count)),
  thread: v.array(
    v.nullable(v.object({ state: text, waitChannel: v.nullable(text), systemCall: v.nullable(text), cpuMs: count })),
  ),
  elapsedMs: count,
});

/** @returns undefined for anything that is no answer to the question for a stack */
export function readRawStack(json: string): RawStack | undefined {
  try {
    const parsed = v.safeParse(rawStack, JSON.parse(json));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
