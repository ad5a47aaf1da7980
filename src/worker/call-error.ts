import { type FoundStream, UncloneableError } from '../channel/crossing.ts';
import { type EncodedValue, encodeValue } from '../channel/value.ts';

/** Stands for the error class of the primary, which a worker does not load: over there it becomes one of that class, by its name. */
export class PreforkError extends Error {
  override readonly name = 'PreforkError';
  readonly code: string;
  readonly side: string;

  constructor(code: string, side: string, message: string) {
    super(message);
    this.code = code;
    this.side = side;
  }
}

/** @param code one of those of `errors/codes.ts`, with its side */
export function callError(code: string, side: 'handler' | 'operator', message: string): Error {
  return new PreforkError(code, side, message);
}

/** @throws an error ERR_NOT_CLONEABLE for the caller, with the path of what can not cross */
export function encodeOrExplain(
  value: unknown,
  name: string,
  given: ReadonlySet<ArrayBuffer> | undefined,
  shares: boolean,
  streams: FoundStream[] | undefined,
): EncodedValue {
  try {
    return encodeValue(value, name, given, shares, streams);
  } catch (error) {
    if (error instanceof UncloneableError) throw callError('ERR_NOT_CLONEABLE', 'handler', error.message);
    throw error;
  }
}
