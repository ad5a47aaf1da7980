import { encode } from '../channel/codec.ts';
import { HEADER_BYTES, writeHeader } from '../channel/frame.ts';
import type { ToWorker } from '../channel/messages.ts';
import type { Transport } from '../channel/transport.ts';

/** Has no other end: `receive` takes what would come from there. */
export class Nowhere implements Transport {
  readonly bufferedBytes = 0;
  receive: (bytes: Buffer) => void = () => {};

  write(): void {}

  afterWrites(): void {}

  listen(onBytes: (bytes: Buffer) => void): void {
    this.receive = onBytes;
  }

  end(): void {}

  destroy(): void {}
}

/** The bytes of a message as they would come. */
export function frameOf(message: ToWorker): Buffer {
  const { code, task, payload } = encode(message);
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  writeHeader(frame, 0, code, task, payload.length);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}
