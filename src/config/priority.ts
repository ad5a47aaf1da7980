import { badOption } from './bad-option.ts';

const MOST = 10;

/**
 * How much sooner a task is to begin than others: a whole number from -10 to 10. Each step counts as a second of waiting.
 *
 * @throws PreforkError ERR_BAD_OPTION when `value` is no such number
 */
export function parsePriority(value: unknown, label: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MOST) return value;
  throw badOption(label, value, `a whole number from -${MOST} to ${MOST}`);
}
