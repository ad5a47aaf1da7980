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
import type { ValueBytes } from './messages.ts';
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
const NOTHING = Buffer.alloc(0);
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
export function decodeValue(bytes: ValueBytes): unknown {
  try {
    if (Buffer.isBuffer(bytes)) return decode(bytes);
    const [start = NOTHING, ...attachments] = bytes;
    return attachments.length === 0 ? decode(start) : decodeSeparate(start, attachments);
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
    case FORM.CLONE: {
      const { head, lengths, end } = readStart(bytes);
      return uncloneValue(head, cutOff(bytes, end, lengths));
    }
    default:
      throw new RangeError(`form ${bytes[0]}`);
  }
}

/** The memory of a value came piece by piece: nothing of it has to be copied once more. */
function decodeSeparate(start: Buffer, attachments: readonly Buffer[]): unknown {
  if (start[0] !== FORM.CLONE) throw new RangeError(`form ${start[0]} in several pieces`);
  const { head, lengths } = readStart(start);
  if (lengths.length !== attachments.length) throw new RangeError(`${attachments.length} pieces of memory`);
  const memory = attachments.map((piece, index) => {
    if (piece.byteLength !== lengths[index]) throw new RangeError('a piece of memory is cut off');
    return ownMemory(piece);
  });
  return uncloneValue(head, memory);
}

function readStart(bytes: Buffer): { readonly head: Buffer; readonly lengths: readonly number[]; readonly end: number } {
  const count = bytes.readUInt32LE(1);
  if (count > MOST_ATTACHMENTS) throw new RangeError(`${count} pieces of memory`);
  const headFrom = CLONE_HEADER_BYTES + 8 * count;
  const end = headFrom + bytes.readUInt32LE(5);
  if (end > bytes.length) throw new RangeError('cut off');
  const lengths = Array.from({ length: count }, (_, index) => bytes.readDoubleLE(CLONE_HEADER_BYTES + 8 * index));
  return { head: bytes.subarray(headFrom, end), lengths, end };
}

function cutOff(bytes: Buffer, from: number, lengths: readonly number[]): ArrayBuffer[] {
  let offset = from;
  return lengths.map((length) => {
    const end = offset + length;
    if (!(end >= offset && end <= bytes.length)) throw new RangeError('a piece of memory is cut off');
    // Of its own, at an address that suits every kind of view.
    const { buffer } = new Uint8Array(bytes.subarray(offset, end));
    offset = end;
    return buffer;
  });
}

function ownMemory(piece: Buffer): ArrayBuffer {
  const { buffer, byteLength } = piece;
  return byteLength === buffer.byteLength && buffer instanceof ArrayBuffer ? buffer : new Uint8Array(piece).buffer;
}
