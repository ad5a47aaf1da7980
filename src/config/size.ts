import * as v from 'valibot';
import { badOption } from './bad-option.ts';

/** An amount of memory: a number of bytes, or text with a unit, such as `'64KB'`, `'512MB'` or `'1GB'`; 1 KB is 1,024 bytes. */
export type Size = number | `${number}${'B' | 'KB' | 'MB' | 'GB'}`;

const UNITS_BYTES: Readonly<Record<string, number>> = { GB: 1024 ** 3, MB: 1024 ** 2, KB: 1024, B: 1 };
const SIZE = /^(\d{1,16}(?:\.\d{1,15})?)(B|KB|MB|GB)$/;
const EXPECTED = 'a size such as 64KB, 512MB or 1GB';

/**
 * Validates a `Size` and turns it into whole bytes. Units may be in lower case; text without a unit is refused, `0` apart.
 *
 * @param leastFor what the least is for, where the error is to say it
 */
export function sizeSchema(least: number, most: number, leastFor?: string): v.GenericSchema<unknown, number> {
  const text = v.pipe(v.string(), v.transform(textToBytes), v.number(EXPECTED));
  return v.pipe(
    v.unknown(),
    v.union([v.number(EXPECTED), text], EXPECTED),
    v.integer(`${EXPECTED}, in whole bytes`),
    v.minValue(least, `a size of at least ${formatSize(least)}${leastFor === undefined ? '' : `, ${leastFor}`}`),
    v.maxValue(most, `a size of at most ${formatSize(most)}`),
  );
}

/**
 * The whole bytes of a size, from 0 to 2^53-1.
 *
 * @param label names the value in the error, such as `--max-body`
 * @throws PreforkError ERR_BAD_OPTION when `value` is no such size
 */
export function parseSize(value: unknown, label: string): number {
  const result = v.safeParse(sizeSchema(0, Number.MAX_SAFE_INTEGER), value);
  if (!result.success) throw badOption(label, value, result.issues[0].message);
  return result.output;
}

/** The shortest text that `parseSize` reads as the same number of bytes: 1,536 is `1536B`, 65,536 is `64KB`. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '0B';
  for (const [unit, unitBytes] of Object.entries(UNITS_BYTES)) {
    if (bytes % unitBytes === 0) return `${bytes / unitBytes}${unit}`;
  }
  return `${bytes}B`;
}

function textToBytes(text: string): number | undefined {
  if (text === '0') return 0;
  const [, amount, unit] = SIZE.exec(text.toUpperCase()) ?? [];
  const unitBytes = unit === undefined ? undefined : UNITS_BYTES[unit];
  return unitBytes === undefined ? undefined : Number(amount) * unitBytes;
}
