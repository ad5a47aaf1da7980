import { PreforkError } from '../errors/prefork-error.ts';
import type { OptionName, OptionValues } from './options.ts';

/**
 * Checks the options that bound each other: `min` and `spares` are at most `max`; `concurrency` is for workers that are sent their tasks
 * and serve more than one; a certificate and its key are of no use without each other.
 *
 * @param labelOf how the source of an option names it; undefined where the default is in force
 * @throws PreforkError ERR_BAD_OPTION
 */
export function checkTogether(
  values: Pick<OptionValues, 'min' | 'max' | 'spares' | 'concurrency' | 'mode'> & Partial<Pick<OptionValues, 'cert' | 'key'>>,
  labelOf: (name: OptionName) => string | undefined,
): void {
  const { mode, concurrency } = values;
  for (const [given, missing] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const) {
    if (values[given] === undefined || values[missing] !== undefined) continue;
    const label = labelOf(given) ?? given;
    throw new PreforkError(
      'ERR_BAD_OPTION',
      `${label}: found it alone, expected ${missing} as well: HTTPS takes a certificate and its key`,
    );
  }
  if (concurrency > 1 && mode !== 'pool' && mode !== 'thread') {
    throw new PreforkError(
      'ERR_BAD_OPTION',
      `${labelOf('concurrency') ?? 'concurrency'}: found ${concurrency} in mode ${mode}, expected mode pool or thread, or 1`,
    );
  }
  for (const name of ['min', 'spares'] as const) {
    if (values[name] <= values.max) continue;
    const maxLabel = labelOf('max');
    const bound = maxLabel === undefined ? 'the default of max on this machine: set max too' : `the value of ${maxLabel}`;
    throw new PreforkError(
      'ERR_BAD_OPTION',
      `${labelOf(name) ?? name}: found ${values[name]}, expected at most ${values.max}, ${bound}`,
    );
  }
}
