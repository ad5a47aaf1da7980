/**
 * What both sides say about the streams of a call, inside of `Stream` messages. Each side counts those that it sends. Stream 0 of the worker
 * is the result: what it yields, or, as its only value, a result that has streams in it. The others are those in that value, or in the
 * arguments, from 1 on. A word:
 *
 *     | kind u8 | stream u8 | bytes … |
 *
 * `piece` and `value` carry a value as `value.ts` encodes it, `value` its last piece; `failed` ends the stream with the last piece of what
 * was thrown. Each piece spends of the window of its stream what `costOf` says. Stream 0 ends with its call.
 */
import { MAX_BODY_FRAME_BYTES, ProtocolError } from './frame.ts';
import { BODY_WINDOW_BYTES } from './messages.ts';
import type { EncodedValue } from './value.ts';

const KIND = { piece: 0, value: 1, failed: 2, ended: 3, credit: 4, cancelled: 5 } as const;
const HEADER_BYTES = 2;

export type StreamWord =
  | { readonly kind: 'piece' | 'value' | 'failed'; readonly stream: number; readonly bytes: Buffer }
  | { readonly kind: 'ended' | 'cancelled'; readonly stream: number }
  | { readonly kind: 'credit'; readonly stream: number; readonly allowed: number };

/** Values that may be under way in each direction of each stream: a producer is that much ahead of its consumer, and no more. */
const MOST_UNDER_WAY = 32;

export function costOf(piece: Uint8Array): number {
  return Math.max(piece.byteLength, BODY_WINDOW_BYTES / MOST_UNDER_WAY);
}

export function encodeWord(word: StreamWord): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + ('bytes' in word ? word.bytes.length : word.kind === 'credit' ? 4 : 0));
  bytes[0] = KIND[word.kind];
  bytes[1] = word.stream;
  if ('bytes' in word) bytes.set(word.bytes, HEADER_BYTES);
  else if (word.kind === 'credit') bytes.writeUInt32LE(word.allowed, HEADER_BYTES);
  return bytes;
}

/** @throws ProtocolError when the bytes are no word */
export function decodeWord(bytes: Buffer): StreamWord {
  if (bytes.length < HEADER_BYTES) throw new ProtocolError('Stream: cut off');
  const [code, stream] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  const rest = bytes.subarray(HEADER_BYTES);
  switch (code) {
    case KIND.piece:
      return { kind: 'piece', stream, bytes: rest };
    case KIND.value:
      return { kind: 'value', stream, bytes: rest };
    case KIND.failed:
      return { kind: 'failed', stream, bytes: rest };
    case KIND.ended:
      return { kind: 'ended', stream };
    case KIND.cancelled:
      return { kind: 'cancelled', stream };
    case KIND.credit:
      if (rest.length !== 4) throw new ProtocolError('Stream: a credit of no number');
      return { kind: 'credit', stream, allowed: rest.readUInt32LE(0) };
    default:
      throw new ProtocolError(`Stream: unknown kind ${code}`);
  }
}

/** Cuts what is to be sent into pieces that fit into frames, the last one included. */
export function* cutPieces({ pieces, byteLength }: EncodedValue): Generator<Buffer, void> {
  if (byteLength <= MAX_BODY_FRAME_BYTES) {
    yield pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    return;
  }
  for (const piece of pieces) {
    for (let offset = 0; offset < piece.byteLength; offset += MAX_BODY_FRAME_BYTES) {
      const length = Math.min(MAX_BODY_FRAME_BYTES, piece.byteLength - offset);
      yield Buffer.from(piece.buffer as ArrayBuffer, piece.byteOffset + offset, length);
    }
  }
}
