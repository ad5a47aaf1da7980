import { type FoundStream, UncloneableError } from '../channel/crossing.ts';
import { type EncodedValue, encodeValue } from '../channel/value.ts';
import { PreforkError } from '../errors/prefork-error.ts';

interface Extras {
  readonly given?: ReadonlySet<ArrayBuffer> | undefined;
  readonly shares?: boolean;
  readonly streams?: FoundStream[];
}

/**
 * As `encodeValue`.
 *
 * @throws PreforkError ERR_NOT_CLONEABLE with the path of what can not cross
 */
export function encodeExplained(value: unknown, name: string, { given, shares, streams }: Extras = {}): EncodedValue {
  try {
    return encodeValue(value, name, given, shares, streams);
  } catch (error) {
    if (error instanceof UncloneableError) throw new PreforkError('ERR_NOT_CLONEABLE', error.message);
    throw error;
  }
}
