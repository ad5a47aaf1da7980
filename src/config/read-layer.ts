import * as v from 'valibot';
import { PreforkError } from '../errors/prefork-error.ts';
import { badOption } from './bad-option.ts';
import { nearest } from './nearest.ts';
import type { Option } from './option-kinds.ts';
import { isOptionName, OPTION_NAMES, OPTIONS, type OptionName, type OptionValues } from './options.ts';
import { isPlainObject } from './plain-object.ts';
import { showValue } from './show-value.ts';

/** The options that one source set, in base units. */
export type Layer = Partial<OptionValues>;

/**
 * Validates the raw options of one source and turns them into base units. Only own keys count, an undefined value counts as
 * not set, and an unknown key is an error that names the nearest known one.
 *
 * @param where how errors name the source as a whole, such as the path of a config file
 * @param labelOf how errors name one option of it, such as `--queue-timeout`
 * @param refused options that this source can't set
 * @throws PreforkError ERR_BAD_OPTION
 */
export function readLayer(
  raw: unknown,
  where: string,
  labelOf: (name: OptionName) => string,
  refused: readonly OptionName[] = [],
): Layer {
  if (!isPlainObject(raw)) throw badOption(where, raw, 'a plain object with options');
  const layer: Layer = {};
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    if (!isOptionName(key) || refused.includes(key)) throw unknownKey(where, key, refused);
    readInto(layer, key, OPTIONS[key], value, labelOf(key));
  }
  return layer;
}

// The type parameter tells the compiler that the name and the row belong together.
function readInto<Name extends OptionName>(
  layer: Layer,
  name: Name,
  option: Option<OptionValues[Name]>,
  raw: unknown,
  label: string,
): void {
  layer[name] = readValue(option, raw, label);
}

function readValue<Value>(option: Option<Value>, raw: unknown, label: string): Value {
  const result = v.safeParse(option.schema, raw);
  if (!result.success) throw badOption(label, raw, result.issues[0].message);
  return result.output;
}

function unknownKey(where: string, key: string, refused: readonly OptionName[]): PreforkError {
  const known = OPTION_NAMES.filter((name) => !refused.includes(name));
  const near = nearest(key, known);
  const expected = near === undefined ? `one of ${known.join(', ')}` : `${near}, or another option of serve`;
  return new PreforkError('ERR_BAD_OPTION', `${where}: found the unknown option ${showValue(key)}, expected ${expected}`);
}
