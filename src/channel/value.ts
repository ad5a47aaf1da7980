/**
 * Values of function calls as bytes: short forms for what most calls take and return, JSON for small plain values, structured clone
 * for all else. Large memory is not copied into the rest. A value, little-endian:
 *
 *     | form |                                            UNDEFINED
 *     | form | f64 … |                                    NUMBER, NUMBERS
 *     | form | text … |                                   JSON
 *     | form | count u32 | head u32 | f64 … | head … | attachment … |   CLONE; the f64 are the lengths of the attachments
 */
import { cloneValue, uncloneValue } from './clone.ts';
import { ProtocolError } from './frame.ts';
import { isPlainValue } from './plain-value.ts';

const FORM = { UNDEFINED: 0, NUMBER: 1, NUMBERS: 2, JSON: 3, CLONE: 4 } as const;

const MOST_NUMBERS = 8;
const CLONE_HEADER_BYTES = 9;
/** Of the whole of the head and of each piece of memory; V8's own limits are near. */
const MOST_ATTACHMENTS = 1_000_000;

/** The bytes of one value, in order; the first piece is never empty. */
export interface EncodedValue {
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
}

const NONE: ReadonlySet<ArrayBuffer> = new Set();
const UNDEFINED = encoded(Buffer.from([FORM.UNDEFINED]));

/**
 * @param name what paths in errors begin with: `args`, `result`
 * @param given ArrayBuffers that are given up instead of copied
 * @throws UncloneableError with the path of what can't cross, before anything was given up
 */
export function encodeValue(value: unknown, name: string, given = NONE): EncodedValue {
  if (given.size === 0) {
    if (value === undefined) return UNDEFINED;
    if (typeof value === 'number') return encodeNumbers(FORM.NUMBER, [value]);
    if (isFewNumbers(value)) return encodeNumbers(FORM.NUMBERS, value);
    if (isPlainValue(value)) return encodeJson(value);
  }
  const { head, attachments } = cloneValue(value, name, given);
  const start = Buffer.allocUnsafe(CLONE_HEADER_BYTES + 8 * attachments.length + head.length);
  start[0] = FORM.CLONE;
  start.writeUInt32LE(attachments.length, 1);
  start.writeUInt32LE(head.length, 5);
  let offset = CLONE_HEADER_BYTES;
  for (const { byteLength } of attachments) offset = start.writeDoubleLE(byteLength, offset);
  start.set(head, offset);
  const byteLength = attachments.reduce((sum, attachment) => sum + attachment.byteLength, start.length);
  return { pieces: [start, ...attachments], byteLength };
}

/** Extra properties of an array would be lost; nothing but the elements of so short a one can be enumerated otherwise. */
function isFewNumbers(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_NUMBERS) return false;
  if (Object.getPrototypeOf(value) !== Array.prototype) return false;
  for (const element of value) if (typeof element !== 'number') return false;
  return Object.keys(value).length === value.length;
}

function encodeNumbers(form: number, numbers: readonly number[]): EncodedValue {
  const bytes = Buffer.allocUnsafe(1 + 8 * numbers.length);
  bytes[0] = form;
  let offset = 1;
  for (const number of numbers) offset = bytes.writeDoubleLE(number, offset);
  return encoded(bytes);
}

function encodeJson(value: unknown): EncodedValue {
  const text = JSON.stringify(value);
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(text));
  bytes[0] = FORM.JSON;
  bytes.write(text, 1);
  return encoded(bytes);
}

function encoded(bytes: Buffer): EncodedValue {
  return { pieces: [bytes], byteLength: bytes.length };
}

/** @throws ProtocolError when the bytes are no value */
export function decodeValue(bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    throw new ProtocolError(`no value: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function decode(bytes: Buffer): unknown {
  switch (bytes[0]) {
    case FORM.UNDEFINED:
      return undefined;
    case FORM.NUMBER:
      return bytes.readDoubleLE(1);
    case FORM.NUMBERS:
      return Array.from({ length: (bytes.length - 1) >> 3 }, (_, index) => bytes.readDoubleLE(1 + 8 * index));
    case FORM.JSON:
      return JSON.parse(bytes.toString('utf8', 1)) as unknown;
    case FORM.CLONE:
      return decodeClone(bytes);
    default:
      throw new RangeError(`form ${bytes[0]}`);
  }
}

function decodeClone(bytes: Buffer): unknown {
  const count = bytes.readUInt32LE(1);
  const headBytes = bytes.readUInt32LE(5);
  if (count > MOST_ATTACHMENTS) throw new RangeError(`${count} pieces of memory`);
  let offset = CLONE_HEADER_BYTES + 8 * count + headBytes;
  if (offset > bytes.length) throw new RangeError('cut off');
  const head = bytes.subarray(offset - headBytes, offset);
  const attachments: ArrayBuffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const end = offset + bytes.readDoubleLE(CLONE_HEADER_BYTES + 8 * index);
    if (!(end >= offset && end <= bytes.length)) throw new RangeError('a piece of memory is cut off');
    // Of its own, at an address that suits every kind of view.
    attachments.push(new Uint8Array(bytes.subarray(offset, end)).buffer);
    offset = end;
  }
  return uncloneValue(head, attachments);
}
