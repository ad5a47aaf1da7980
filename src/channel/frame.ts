/**
 * A frame on the wire, little-endian:
 *
 *     0        4      5        9
 *     | length | type |  task  | payload … |
 *
 * `length` counts the payload alone. `task` is 0 where a message belongs to no task. A decoder takes bytes in pieces of any
 * size and hands out whole frames in order. What comes in is untrusted: a length above the limit ends the decoder at once,
 * before a byte of it is kept, so that a peer can never make us hold more than `MAX_PAYLOAD_BYTES`.
 */
export const HEADER_BYTES = 9;

/** Largest payload of one frame. A body is cut into pieces of at most `MAX_BODY_FRAME_BYTES`; heads are limited by HTTP. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
export const MAX_BODY_FRAME_BYTES = 64 * 1024;

/** The peer sent bytes that are no frame or no message of this protocol. Its process can not be trusted any more. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export type FrameSink = (type: number, task: number, payload: Buffer) => void;

export function writeHeader(target: Buffer, offset: number, type: number, task: number, payloadBytes: number): void {
  target.writeUInt32LE(payloadBytes, offset);
  target.writeUInt8(type, offset + 4);
  target.writeUInt32LE(task, offset + 5);
}

export class FrameDecoder {
  readonly #sink: FrameSink;
  /** Bytes of a frame that is not complete yet, in order of arrival. */
  #pieces: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes needed before the next step is possible: a header first, then the whole frame. */
  #neededBytes = HEADER_BYTES;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Bytes held back because their frame is not complete. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** @throws ProtocolError when a frame is longer than allowed; the decoder must not be used after that */
  push(chunk: Buffer): void {
    if (this.#pendingBytes + chunk.length < this.#neededBytes) {
      this.#keep(chunk);
      return;
    }
    let buffer = chunk;
    if (this.#pendingBytes > 0) {
      this.#pieces.push(chunk);
      // One copy for each frame that was split, and none for the many that arrive whole.
      buffer = Buffer.concat(this.#pieces, this.#pendingBytes + chunk.length);
      this.#pieces = [];
      this.#pendingBytes = 0;
    }
    let offset = 0;
    this.#neededBytes = HEADER_BYTES;
    while (buffer.length - offset >= HEADER_BYTES) {
      const payloadBytes = buffer.readUInt32LE(offset);
      if (payloadBytes > MAX_PAYLOAD_BYTES) {
        throw new ProtocolError(`a frame of ${payloadBytes} bytes was announced, the limit is ${MAX_PAYLOAD_BYTES}`);
      }
      const end = offset + HEADER_BYTES + payloadBytes;
      if (end > buffer.length) {
        this.#neededBytes = HEADER_BYTES + payloadBytes;
        break;
      }
      const type = buffer.readUInt8(offset + 4);
      const task = buffer.readUInt32LE(offset + 5);
      const payload = buffer.subarray(offset + HEADER_BYTES, end);
      offset = end;
      this.#sink(type, task, payload);
    }
    if (offset < buffer.length) this.#keep(buffer.subarray(offset));
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#pendingBytes += piece.length;
  }
}
