import { UncloneableError } from '../channel/crossing.ts';
import { encodeValue } from '../channel/value.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** What the app knows of a request, beside its bytes. */
export interface KnownValues {
  readonly params: unknown;
  readonly query: unknown;
  readonly context: unknown;
}

/** It goes in the frame of the head, as base64, beside the headers. */
const MOST_BYTES = 512 * 1024;

/** @throws PreforkError ERR_NOT_CLONEABLE, or ERR_TOO_LARGE */
export function encodeKnownValues({ params, query, context }: KnownValues): string {
  try {
    const { pieces, byteLength } = encodeValue({ params: params ?? {}, query: query ?? {}, context }, 'offloaded');
    if (byteLength > MOST_BYTES) {
      const found = `what the worker is to know of the request has ${byteLength} bytes`;
      throw new PreforkError('ERR_TOO_LARGE', `${found}, expected at most ${MOST_BYTES}: return less as its context`);
    }
    return Buffer.concat(pieces).toString('base64');
  } catch (error) {
    if (error instanceof UncloneableError) throw new PreforkError('ERR_NOT_CLONEABLE', error.message);
    throw error;
  }
}
