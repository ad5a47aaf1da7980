import { UncloneableError } from '../channel/crossing.ts';
import { type EncodedValue, encodeValue } from '../channel/value.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** @throws PreforkError ERR_NOT_CLONEABLE with the path of what can not cross */
export function encodeExplained(value: unknown, name: string, given?: ReadonlySet<ArrayBuffer>, shares = false): EncodedValue {
  try {
    return encodeValue(value, name, given, shares);
  } catch (error) {
    if (error instanceof UncloneableError) throw new PreforkError('ERR_NOT_CLONEABLE', error.message);
    throw error;
  }
}
