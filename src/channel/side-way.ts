/**
 * The way that large values take beside a channel: through a file in memory, a region of it each. In the channel there is only word of them:
 *
 *     type | 0x80, task, | region u8 | count u32 | length u32 … | payload of the message, without its bytes … |
 *     type 0x7f, region                                            the other side has it: the region is free
 *
 * Each side writes to regions of its own, so that nobody has to agree about anything.
 */
import { ProtocolError } from './frame.ts';
import { lentMemory } from './lent-memory.ts';
import { type MemoryFile, REGION_BYTES, REGIONS } from './memory-file.ts';
import { ANSWER_WINDOW_BYTES } from './messages.ts';

const MOST_PIECES = 1024;
const HEAD_BYTES = 5;

export interface Stored<Bytes> {
  readonly bytes: Bytes;
  readonly payload: Buffer;
  /** To give back. */
  readonly region: number;
}

export class SideWay {
  readonly #file: MemoryFile;
  readonly #free: number[];
  readonly #theirs: number;

  constructor(file: MemoryFile, side: 'primary' | 'worker') {
    this.#file = file;
    const ours = side === 'primary' ? 0 : REGIONS;
    this.#theirs = REGIONS - ours;
    this.#free = Array.from({ length: REGIONS }, (_, index) => ours + index);
  }

  /** @returns the payload to send, or undefined when there is no room: then nothing has changed */
  store(pieces: readonly Uint8Array[], byteLength: number, payload: Buffer): Buffer | undefined {
    if (byteLength > REGION_BYTES || pieces.length > MOST_PIECES) return undefined;
    const region = this.#free.pop();
    if (region === undefined) return undefined;
    if (!this.#file.write(region, pieces)) {
      this.#free.push(region);
      return undefined;
    }
    const head = Buffer.allocUnsafe(HEAD_BYTES + 4 * pieces.length + payload.length);
    head.writeUInt8(region, 0);
    let offset = head.writeUInt32LE(pieces.length, 1);
    for (const piece of pieces) offset = head.writeUInt32LE(piece.byteLength, offset);
    head.set(payload, offset);
    return head;
  }

  /** A value, in the pieces that it was stored in, each in memory of its own. @throws ProtocolError */
  take(head: Buffer): Stored<readonly Buffer[]> {
    const { region, lengths, payload } = this.#read(head);
    return { region, bytes: orBroken(() => this.#file.read(region, lengths)), payload };
  }

  /** A part of a body, in memory that was lent. @throws ProtocolError */
  takePart(head: Buffer): Stored<Buffer> {
    const { region, lengths, payload } = this.#read(head);
    const [length = 0] = lengths;
    if (lengths.length !== 1 || length > ANSWER_WINDOW_BYTES)
      throw new ProtocolError(`a part of a body in ${lengths.length} pieces, the first of ${length} bytes`);
    return { region, bytes: orBroken(() => this.#file.readInto(lentMemory.lend(length), region)), payload };
  }

  #read(head: Buffer): { readonly region: number; readonly lengths: readonly number[]; readonly payload: Buffer } {
    const count = head.length < HEAD_BYTES ? Number.NaN : head.readUInt32LE(1);
    const payloadFrom = HEAD_BYTES + 4 * count;
    if (!(count <= MOST_PIECES && payloadFrom <= head.length)) throw new ProtocolError('word of a stored value is cut off');
    const region = head.readUInt8(0);
    if (region < this.#theirs || region >= this.#theirs + REGIONS) throw new ProtocolError(`a value in region ${region}`);
    const lengths = Array.from({ length: count }, (_, index) => head.readUInt32LE(HEAD_BYTES + 4 * index));
    if (lengths.reduce((sum, length) => sum + length, 0) > REGION_BYTES) throw new ProtocolError('a stored value is too large');
    return { region, lengths, payload: head.subarray(payloadFrom) };
  }

  /** @throws ProtocolError */
  freed(region: number): void {
    const ours = REGIONS - this.#theirs;
    if (region < ours || region >= ours + REGIONS || this.#free.includes(region))
      throw new ProtocolError(`region ${region} is given back`);
    this.#free.push(region);
  }
}

function orBroken<Bytes>(read: () => Bytes): Bytes {
  try {
    return read();
  } catch (error) {
    throw new ProtocolError(`a stored value can not be read: ${String(error)}`);
  }
}
