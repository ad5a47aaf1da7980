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

/** In the type of a frame: what belongs to it lies in memory that both share. And: the memory that its task names is free again. See side-way.ts. */
export const STORED = 0x80;
export const TAKEN = 0x7f;

export type FrameSink = (type: number, task: number, payload: Buffer) => void;

export function writeHeader(target: Buffer, offset: number, type: number, task: number, payloadBytes: number): void {
  target.writeUInt32LE(payloadBytes, offset);
  target.writeUInt8(type, offset + 4);
  target.writeUInt32LE(task, offset + 5);
}

export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #isLent: boolean;
  /** Of a frame that is not complete yet: its header, as far as it has come, and then its payload, in memory of its own. */
  readonly #header = Buffer.allocUnsafe(HEADER_BYTES);
  #headerBytes = 0;
  #payload: Buffer | undefined;
  #payloadBytes = 0;

  /** @param isLent whether the memory of what is pushed is used again afterwards: then payloads are copied */
  constructor(sink: FrameSink, isLent = false) {
    this.#sink = sink;
    this.#isLent = isLent;
  }

  /** Bytes held back because their frame is not complete. */
  get pendingBytes(): number {
    return this.#headerBytes + this.#payloadBytes;
  }

  /** @throws ProtocolError when a frame is longer than allowed; the decoder must not be used after that */
  push(chunk: Buffer): void {
    let offset = this.#headerBytes > 0 ? this.#goOn(chunk, 0) : 0;
    // Most arrive whole, and need not be put together.
    while (chunk.length - offset >= HEADER_BYTES) {
      const start = offset + HEADER_BYTES;
      const end = start + checked(chunk.readUInt32LE(offset));
      if (end > chunk.length) break;
      const [type, task] = [chunk.readUInt8(offset + 4), chunk.readUInt32LE(offset + 5)];
      offset = end;
      this.#sink(type, task, this.#isLent ? copyOf(chunk, start, end) : chunk.subarray(start, end));
    }
    if (offset < chunk.length) this.#goOn(chunk, offset);
  }

  /** Copies what belongs to the frame in hand, once. @returns where the next frame begins */
  #goOn(chunk: Buffer, from: number): number {
    const payloadFrom = from + chunk.copy(this.#header, this.#headerBytes, from, from + HEADER_BYTES - this.#headerBytes);
    this.#headerBytes += payloadFrom - from;
    if (this.#headerBytes < HEADER_BYTES) return payloadFrom;
    const payload = (this.#payload ??= Buffer.allocUnsafe(checked(this.#header.readUInt32LE(0))));
    const copied = chunk.copy(payload, this.#payloadBytes, payloadFrom);
    this.#payloadBytes += copied;
    if (this.#payloadBytes === payload.length) {
      const [type, task] = [this.#header.readUInt8(4), this.#header.readUInt32LE(5)];
      this.#headerBytes = 0;
      this.#payload = undefined;
      this.#payloadBytes = 0;
      this.#sink(type, task, payload);
    }
    return payloadFrom + copied;
  }
}

function copyOf(chunk: Buffer, start: number, end: number): Buffer {
  const payload = Buffer.allocUnsafe(end - start);
  chunk.copy(payload, 0, start, end);
  return payload;
}

function checked(payloadBytes: number): number {
  if (payloadBytes <= MAX_PAYLOAD_BYTES) return payloadBytes;
  throw new ProtocolError(`a frame of ${payloadBytes} bytes was announced, the limit is ${MAX_PAYLOAD_BYTES}`);
}
