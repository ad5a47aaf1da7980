/**
 * Values of function calls as bytes: short forms for what most calls take and return, JSON for small plain values, structured clone
 * for all else. Large memory is not copied into the rest. A value, little-endian:
 *
 *     | form |                                            UNDEFINED
 *     | form | f64 … |                                    NUMBER, NUMBERS
 *     | form | text … |                                   JSON
 *     | form | count u32 | head u32 | f64 … | head … | attachment … |   CLONE; the f64 are the lengths of the attachments
 *     | form | count u32 | head u32 | parcel u32 | first u32 | f64 … | …   SHARED, a CLONE with a parcel beside it (`handed.ts`)
 */
import { cloneValue, type OpenStream, type Shared, uncloneValue } from './clone.ts';
import type { FoundStream } from './crossing.ts';
import { ProtocolError } from './frame.ts';
import type { Handed, Parcel } from './handed.ts';
import type { ValueBytes } from './messages.ts';
import { isPlainValue } from './plain-value.ts';

const FORM = { UNDEFINED: 0, NUMBER: 1, NUMBERS: 2, JSON: 3, CLONE: 4, SHARED: 5 } as const;

const MOST_NUMBERS = 8;
const CLONE_HEADER_BYTES = 9;
const SHARED_HEADER_BYTES = 17;
/** Of the whole of the head and of each piece of memory; V8's own limits are near. */
const MOST_ATTACHMENTS = 1_000_000;

/** The bytes of one value, in order; the first piece is never empty. */
export interface EncodedValue {
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
  /** To be handed over before it; only of a value for another thread. */
  readonly parcel?: Parcel;
}

let lastParcel = 0;

const NOT_SHARED: Shared = { first: 0, objects: [] };

const NONE: ReadonlySet<ArrayBuffer> = new Set();
const NOTHING = Buffer.alloc(0);
const UNDEFINED = encoded(Buffer.from([FORM.UNDEFINED]));

/**
 * @param name what paths in errors begin with: `args`, `result`
 * @param given ArrayBuffers that are given up instead of copied
 * @param shares whether it goes to another thread, which can be handed more than bytes
 * @param streams collects the streams in it, to be sent by themselves; without it they are refused
 * @throws UncloneableError with the path of what can't cross, before anything was given up
 */
export function encodeValue(value: unknown, name: string, given = NONE, shares = false, streams?: FoundStream[]): EncodedValue {
  if (given.size === 0) {
    if (value === undefined) return UNDEFINED;
    if (typeof value === 'number') return encodeNumbers(FORM.NUMBER, [value]);
    if (isFewNumbers(value)) return encodeNumbers(FORM.NUMBERS, value);
    if (isPlainValue(value)) return encodeJson(value);
  }
  const { head, attachments, shared } = cloneValue(value, name, given, shares, streams);
  const { objects, first } = shared;
  const headerBytes = objects.length === 0 ? CLONE_HEADER_BYTES : SHARED_HEADER_BYTES;
  const start = Buffer.allocUnsafe(headerBytes + 8 * attachments.length + head.length);
  start[0] = objects.length === 0 ? FORM.CLONE : FORM.SHARED;
  start.writeUInt32LE(attachments.length, 1);
  start.writeUInt32LE(head.length, 5);
  if (objects.length > 0) {
    lastParcel = (lastParcel + 1) % 0x1_0000_0000;
    start.writeUInt32LE(lastParcel, CLONE_HEADER_BYTES);
    start.writeUInt32LE(first, CLONE_HEADER_BYTES + 4);
  }
  let offset = headerBytes;
  for (const { byteLength } of attachments) offset = start.writeDoubleLE(byteLength, offset);
  start.set(head, offset);
  const byteLength = attachments.reduce((sum, attachment) => sum + attachment.byteLength, start.length);
  const pieces = [start, ...attachments];
  return objects.length === 0 ? { pieces, byteLength } : { pieces, byteLength, parcel: { number: lastParcel, objects } };
}

/** The arguments of most calls are a few of them, and of a list of arguments nothing but its elements is passed on. */
export function encodeFewNumbers(args: readonly unknown[]): EncodedValue | undefined {
  return areFewNumbers(args) ? encodeNumbers(FORM.NUMBERS, args) : undefined;
}

/** Extra properties of an array would be lost; nothing but the elements of so short a one can be enumerated otherwise. */
function isFewNumbers(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || Object.getPrototypeOf(value) !== Array.prototype) return false;
  return areFewNumbers(value) && Object.keys(value).length === value.length;
}

function areFewNumbers(values: readonly unknown[]): values is readonly number[] {
  if (values.length === 0 || values.length > MOST_NUMBERS) return false;
  for (let index = 0; index < values.length; index += 1) if (typeof values[index] !== 'number') return false;
  return true;
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

/**
 * @param handed what has come beside it, from another thread
 * @param openStream makes the streams in it; without it there can be none
 * @throws ProtocolError when the bytes are no value
 */
export function decodeValue(bytes: ValueBytes, handed?: Handed, openStream?: OpenStream): unknown {
  try {
    if (Buffer.isBuffer(bytes)) return decode(bytes, handed, openStream);
    const [start = NOTHING, ...attachments] = bytes;
    if (attachments.length === 0) return decode(start, handed, openStream);
    return decodeSeparate(start, attachments, handed, openStream);
  } catch (error) {
    throw new ProtocolError(`no value: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function decode(bytes: Buffer, handed: Handed | undefined, openStream: OpenStream | undefined): unknown {
  switch (bytes[0]) {
    case FORM.UNDEFINED:
      return undefined;
    case FORM.NUMBER:
      return bytes.readDoubleLE(1);
    case FORM.NUMBERS:
      return decodeNumbers(bytes);
    case FORM.JSON:
      return JSON.parse(bytes.toString('utf8', 1)) as unknown;
    case FORM.CLONE:
    case FORM.SHARED: {
      const { head, lengths, end } = readStart(bytes);
      return uncloneValue(head, cutOff(bytes, end, lengths), sharedOf(bytes, handed), openStream);
    }
    default:
      throw new RangeError(`form ${bytes[0]}`);
  }
}

function decodeNumbers(bytes: Buffer): number[] {
  const numbers: number[] = [];
  for (let offset = 1; offset + 8 <= bytes.length; offset += 8) numbers.push(bytes.readDoubleLE(offset));
  return numbers;
}

/** What a thread was handed beside the value. */
function sharedOf(start: Buffer, handed: Handed | undefined): Shared {
  if (start[0] !== FORM.SHARED) return NOT_SHARED;
  const objects = handed?.take(start.readUInt32LE(CLONE_HEADER_BYTES)) ?? [];
  return { first: start.readUInt32LE(CLONE_HEADER_BYTES + 4), objects };
}

/** The memory of a value came piece by piece: nothing of it has to be copied once more. */
function decodeSeparate(
  start: Buffer,
  attachments: readonly Buffer[],
  handed: Handed | undefined,
  openStream: OpenStream | undefined,
): unknown {
  if (start[0] !== FORM.CLONE && start[0] !== FORM.SHARED) throw new RangeError(`form ${start[0]} in several pieces`);
  const { head, lengths } = readStart(start);
  if (lengths.length !== attachments.length) throw new RangeError(`${attachments.length} pieces of memory`);
  const memory = attachments.map((piece, index) => {
    if (piece.byteLength !== lengths[index]) throw new RangeError('a piece of memory is cut off');
    return ownMemory(piece);
  });
  return uncloneValue(head, memory, sharedOf(start, handed), openStream);
}

function readStart(bytes: Buffer): { readonly head: Buffer; readonly lengths: readonly number[]; readonly end: number } {
  const headerBytes = bytes[0] === FORM.SHARED ? SHARED_HEADER_BYTES : CLONE_HEADER_BYTES;
  const count = bytes.readUInt32LE(1);
  if (count > MOST_ATTACHMENTS) throw new RangeError(`${count} pieces of memory`);
  const headFrom = headerBytes + 8 * count;
  const end = headFrom + bytes.readUInt32LE(5);
  if (end > bytes.length) throw new RangeError('cut off');
  const lengths = Array.from({ length: count }, (_, index) => bytes.readDoubleLE(headerBytes + 8 * index));
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
