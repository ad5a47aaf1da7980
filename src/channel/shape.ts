import { ProtocolError } from './frame.ts';

/**
 * Checks on what a peer sent as JSON. Hand-made, because a worker boots with every module that this room imports. Values are
 * read field by field and never merged, so an own `__proto__` in the text has no effect.
 */
export type Fields = Readonly<Record<string, unknown>>;

export function parseFields(payload: Buffer, what: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    throw new ProtocolError(`${what}: the payload is not JSON`);
  }
  return asFields(value, what);
}

export function asFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolError(`${what}: expected an object`);
  return value as Fields;
}

export function text(fields: Fields, key: string, what: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new ProtocolError(`${what}: ${key} is no string`);
  return value;
}

export function wholeNumber(fields: Fields, key: string, what: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ProtocolError(`${what}: ${key} is no whole number`);
  }
  return value;
}

export function flag(fields: Fields, key: string, what: string): boolean {
  const value = fields[key];
  if (typeof value !== 'boolean') throw new ProtocolError(`${what}: ${key} is neither true nor false`);
  return value;
}

/** Raw headers: an even number of strings. */
export function rawHeaders(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value) || value.length % 2 !== 0 || !value.every((item) => typeof item === 'string')) {
    throw new ProtocolError(`${what}: expected names and values in turn`);
  }
  return value;
}

/** A whole number of 4 bytes. */
export function decodeNumber(payload: Buffer, what: string): number {
  if (payload.length !== 4) throw new ProtocolError(`${what}: expected 4 bytes, found ${payload.length}`);
  return payload.readUInt32LE(0);
}
