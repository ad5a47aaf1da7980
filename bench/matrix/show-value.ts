import type { Spread } from '../report/statistics.ts';

/** A figure with as many digits as say something. */
export function showValue(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value === Number.POSITIVE_INFINITY) return 'never';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `1.02 (0.99–1.10)`: the median and the range of the rounds; the median alone of one round. */
export function showRange({ median, least, most }: Spread): string {
  return least === most ? showValue(median) : `${showValue(median)} (${showValue(least)}–${showValue(most)})`;
}
