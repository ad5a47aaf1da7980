/**
 * Heads of requests and of responses as bytes: some numbers, and a list of texts. Each request has one of each kind, and JSON took longer than
 * all else that is done to them here.
 *
 *     texts    | wide u8 | count u16 | length of each, in characters: u8, or 0xff and u32 | the characters, one after the other |
 *
 * What HTTP allows has a byte for each character, as node:http has it; else all of them have two (`wide`).
 */
import { ProtocolError } from './frame.ts';
import type { FromWorker, RequestHead, ResponseHead, StartTask } from './messages.ts';

const BEYOND_A_BYTE = /[^\0-\xff]/;
const LONG = 0xff;
const MOST_TEXTS = 0xffff;

/** | slot u32 | flags u8 | remote port u16 | local port u16 | texts: method, url, both addresses, offloaded, headers … | */
const START_BYTES = 9;
const AHEAD = 1;
const HAS_BODY = 2;
const IS_TUNNEL = 4;
const ENCRYPTED = 8;
const VERSION_1_0 = 16;
const OFFLOADED = 32;
const ALL_FLAGS = 63;
/** Texts before the headers. */
const OWN_TEXTS = 5;

export function encodeStartTask({ slot, ahead, head }: StartTask): Buffer {
  const { method, url, remoteAddress, localAddress, offloaded = '', headers } = head;
  const payload = encodeTexts(START_BYTES, [method, url, remoteAddress, localAddress, offloaded], headers, 0);
  payload.writeUInt32LE(slot, 0);
  payload[4] =
    (ahead ? AHEAD : 0) |
    (head.hasBody ? HAS_BODY : 0) |
    (head.isTunnel ? IS_TUNNEL : 0) |
    (head.encrypted ? ENCRYPTED : 0) |
    (head.httpVersion === '1.0' ? VERSION_1_0 : 0) |
    (head.offloaded === undefined ? 0 : OFFLOADED);
  payload.writeUInt16LE(head.remotePort, 5);
  payload.writeUInt16LE(head.localPort, 7);
  return payload;
}

/** @throws ProtocolError */
export function decodeStartTask(task: number, payload: Buffer): StartTask {
  const { texts, end } = decodeTexts(payload, START_BYTES, 'StartTask');
  const flags = payload[4] ?? 0;
  if (end !== payload.length || flags > ALL_FLAGS || texts.length < OWN_TEXTS || texts.length % 2 !== OWN_TEXTS % 2)
    throw new ProtocolError('StartTask: more or less than was announced');
  const [method = '', url = '', remoteAddress = '', localAddress = '', offloaded = ''] = texts;
  const head: RequestHead = {
    method,
    url,
    httpVersion: (flags & VERSION_1_0) === 0 ? '1.1' : '1.0',
    headers: texts.slice(OWN_TEXTS),
    hasBody: (flags & HAS_BODY) !== 0,
    isTunnel: (flags & IS_TUNNEL) !== 0,
    encrypted: (flags & ENCRYPTED) !== 0,
    remoteAddress,
    remotePort: payload.readUInt16LE(5),
    localAddress,
    localPort: payload.readUInt16LE(7),
    ...((flags & OFFLOADED) === 0 ? {} : { offloaded }),
  };
  return { type: 'StartTask', task, slot: payload.readUInt32LE(0), ahead: (flags & AHEAD) !== 0, head };
}

/** | status u16 | texts: message, headers … | */
const STATUS_BYTES = 2;
/** | micros u32 | status u16 | texts: message, headers … | body … | */
const MICROS_BYTES = 4;

export function encodeResponseHead({ status, message, headers }: ResponseHead): Buffer {
  const payload = encodeTexts(STATUS_BYTES, [message], headers, 0);
  payload.writeUInt16LE(status, 0);
  return payload;
}

export function encodeAnswer(ranMicros: number, { status, message, headers }: ResponseHead, body: Uint8Array): Buffer {
  const payload = encodeTexts(MICROS_BYTES + STATUS_BYTES, [message], headers, body.length);
  payload.writeUInt32LE(ranMicros, 0);
  payload.writeUInt16LE(status, MICROS_BYTES);
  payload.set(body, payload.length - body.length);
  return payload;
}

/** @throws ProtocolError also for a status that its message can not have */
export function decodeResponseHead(payload: Buffer, what: string, lowest: number, highest: number): ResponseHead {
  const { texts, end } = decodeTexts(payload, STATUS_BYTES, what);
  if (end < payload.length) throw new ProtocolError(`${what}: more than a head`);
  return headOf(payload.readUInt16LE(0), texts, what, lowest, highest);
}

/** @throws ProtocolError */
export function decodeAnswer(task: number, payload: Buffer): Extract<FromWorker, { type: 'Answered' }> {
  const { texts, end } = decodeTexts(payload, MICROS_BYTES + STATUS_BYTES, 'Answered');
  const head = headOf(payload.readUInt16LE(MICROS_BYTES), texts, 'Answered', 100, 999);
  return { type: 'Answered', task, ranMicros: payload.readUInt32LE(0), head, bytes: payload.subarray(end) };
}

function headOf(status: number, texts: string[], what: string, lowest: number, highest: number): ResponseHead {
  if (status < lowest || status > highest) throw new ProtocolError(`${what}: status ${status}`);
  const message = texts.shift();
  if (message === undefined || texts.length % 2 !== 0) throw new ProtocolError(`${what}: expected names and values in turn`);
  return { status, message, headers: texts };
}

/** @returns the payload, with room for so many bytes before the texts and after them */
function encodeTexts(before: number, first: readonly string[], rest: readonly string[], after: number): Buffer {
  const count = first.length + rest.length;
  if (count > MOST_TEXTS) throw new RangeError(`${count} texts are more than a head can have`);
  let characters = '';
  let lengthBytes = count;
  for (const text of first) {
    characters += text;
    if (text.length >= LONG) lengthBytes += 4;
  }
  for (const text of rest) {
    characters += text;
    if (text.length >= LONG) lengthBytes += 4;
  }
  const isWide = BEYOND_A_BYTE.test(characters);
  const lengthsFrom = before + 3;
  const charactersFrom = lengthsFrom + lengthBytes;
  const payload = Buffer.allocUnsafe(charactersFrom + characters.length * (isWide ? 2 : 1) + after);
  payload[before] = isWide ? 1 : 0;
  payload.writeUInt16LE(count, before + 1);
  let offset = lengthsFrom;
  for (const text of first) offset = writeLength(payload, text.length, offset);
  for (const text of rest) offset = writeLength(payload, text.length, offset);
  payload.write(characters, charactersFrom, isWide ? 'utf16le' : 'latin1');
  return payload;
}

function writeLength(payload: Buffer, length: number, offset: number): number {
  if (length < LONG) {
    payload[offset] = length;
    return offset + 1;
  }
  payload[offset] = LONG;
  return payload.writeUInt32LE(length, offset + 1);
}

function decodeTexts(payload: Buffer, before: number, what: string): { readonly texts: string[]; readonly end: number } {
  const lengthsFrom = before + 3;
  if (payload.length < lengthsFrom) throw new ProtocolError(`${what}: cut off`);
  const width = (payload[before] ?? 0) + 1;
  const count = payload.readUInt16LE(before + 1);
  let characters = 0;
  let from = lengthsFrom;
  for (let index = 0; index < count; index += 1) {
    const length = lengthAt(payload, from, what);
    characters += length;
    from += length < LONG ? 1 : 5;
  }
  const end = from + characters * width;
  if (width > 2 || end > payload.length) throw new ProtocolError(`${what}: cut off`);
  const all = payload.toString(width === 2 ? 'utf16le' : 'latin1', from, end);
  const texts: string[] = [];
  let [at, offset] = [0, lengthsFrom];
  for (let index = 0; index < count; index += 1) {
    const length = lengthAt(payload, offset, what);
    offset += length < LONG ? 1 : 5;
    texts.push(all.substring(at, at + length));
    at += length;
  }
  return { texts, end };
}

function lengthAt(payload: Buffer, offset: number, what: string): number {
  const short = payload[offset];
  if (short === undefined) throw new ProtocolError(`${what}: cut off`);
  if (short < LONG) return short;
  if (offset + 5 > payload.length) throw new ProtocolError(`${what}: cut off`);
  const length = payload.readUInt32LE(offset + 1);
  // One that would have fitted into a byte is no text of ours, and would be read in another way.
  if (length < LONG) throw new ProtocolError(`${what}: a length of ${length} in five bytes`);
  return length;
}
