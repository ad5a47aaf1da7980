import * as v from 'valibot';
import { badOption } from './bad-option.ts';

/**
 * A length of time: a number of milliseconds, or text with a unit, such as `'500ms'`, `'30s'`, `'5m'` or `'1h'`.
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`;

/**
 * The longest duration, 2^31-1 ms (about 24 days). A Node timer of more fires after 1 ms instead, with nothing but a
 * warning (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args).
 */
export const LONGEST_MS = 2 ** 31 - 1;

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const DURATION = /^(\d{1,15}(?:\.\d{1,15})?)(ms|s|m|h)$/;
const EXPECTED = 'a duration such as 500ms, 30s or 5m';

/** Validates a `Duration` and turns it into whole milliseconds. Text without a unit is refused, `0` apart. */
export function durationSchema(least: number): v.GenericSchema<unknown, number> {
  const text = v.pipe(v.string(), v.transform(textToMs), v.number(EXPECTED));
  return v.pipe(
    v.unknown(),
    v.union([v.number(EXPECTED), text], EXPECTED),
    v.integer(`${EXPECTED}, in whole milliseconds`),
    v.minValue(least, `a duration of at least ${formatDuration(least)}`),
    v.maxValue(LONGEST_MS, `a duration of at most ${LONGEST_MS}ms, about 24 days, the longest a timer can be`),
  );
}

/**
 * The whole milliseconds of a duration, from `least` to 2^31-1.
 *
 * @param label names the value in the error, such as `--deadline`
 * @throws PreforkError ERR_BAD_OPTION when `value` is no such duration
 */
export function parseDuration(value: unknown, label: string, least = 0): number {
  const result = v.safeParse(durationSchema(least), value);
  if (!result.success) throw badOption(label, value, result.issues[0].message);
  return result.output;
}

/** The shortest text that `parseDuration` reads as the same number of milliseconds: 90,000 is `90s`, 60,000 is `1m`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0ms';
  for (const [unit, unitMs] of Object.entries(UNITS_MS)) {
    if (ms % unitMs === 0) return `${ms / unitMs}${unit}`;
  }
  return `${ms}ms`;
}

function textToMs(text: string): number | undefined {
  if (text === '0') return 0;
  const [, amount, unit] = DURATION.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : UNITS_MS[unit];
  if (unitMs === undefined) return undefined;
  const exact = Number(amount) * unitMs;
  // 1.005 s is 1004.9999999999999 in floating point: what is that near to a whole number was meant to be one.
  const whole = Math.round(exact);
  return Math.abs(exact - whole) < 1e-6 ? whole : exact;
}
