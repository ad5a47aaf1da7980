import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/** The pause between two looks: a tenth of what has been waited so far, so that a long wait is cheap and none is much longer for it. */
const LEAST_PAUSE_MS = 5;
const MOST_PAUSE_MS = 25;
const EXPIRED = Symbol('expired');

export interface UntilOptions {
  /** What is waited for, for the message of a failure; a function can add what the case looks like at that moment. */
  readonly describe: string | (() => string);
  /** Bound after which the wait counts as hung, ms. Default 20,000. */
  readonly withinMs?: number;
}

type Falsy = false | 0 | '' | null | undefined;

/**
 * Waits until a condition holds, and resolves with the first truthy value that it gives. A condition that throws is one that
 * does not hold yet. Rejects after `withinMs` with what was seen last, also when the condition itself never settles.
 *
 * This is the one timer of the tests: all else waits for an event or calls this.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<Exclude<T, Falsy>> {
  const withinMs = options.withinMs ?? 20_000;
  const bound = new AbortController();
  const expired = delay(withinMs, EXPIRED, { signal: bound.signal });
  expired.catch(() => undefined);
  const startedMs = performance.now();
  let last = 'nothing, for the condition itself did not settle';
  let cause: unknown;
  try {
    for (;;) {
      try {
        const seen = await Promise.race([condition(), expired]);
        if (seen === EXPIRED) break;
        if (holds(seen)) return seen;
        last = inspect(seen, { depth: 4 });
        cause = undefined;
      } catch (thrown) {
        last = `the condition threw: ${inspect(thrown)}`;
        cause = thrown;
      }
      if ((await Promise.race([delay(pauseMs(performance.now() - startedMs)), expired])) === EXPIRED) break;
    }
  } finally {
    bound.abort();
  }
  const described = typeof options.describe === 'string' ? options.describe : options.describe();
  throw new Error(`waited ${withinMs} ms for ${described}; last seen: ${last}`, cause === undefined ? {} : { cause });
}

function pauseMs(waitedMs: number): number {
  return Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, waitedMs / 10));
}

function holds<T>(seen: T | typeof EXPIRED): seen is Exclude<T, Falsy> {
  return Boolean(seen) && seen !== EXPIRED;
}
