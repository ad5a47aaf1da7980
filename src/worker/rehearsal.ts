/**
 * What a spare does while it waits: it runs a call of nothing on a worker that speaks to nobody. The first task of a process else takes its way
 * through code that was never compiled, which is half of its time (docs/decisions/0020-boot-of-a-worker.md). No code of the user is run, and
 * nothing goes out.
 */
import { encode } from '../channel/codec.ts';
import { HEADER_BYTES, writeHeader } from '../channel/frame.ts';
import type { StartCall } from '../channel/messages.ts';
import type { Transport } from '../channel/transport.ts';
import { encodeValue } from '../channel/value.ts';
import type { FunctionsModule } from './load-functions.ts';

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

/** In place of the user's: whatever is called returns what it was given. */
export const ECHO: FunctionsModule = {
  config: {},
  setup: () => undefined,
  teardown: () => undefined,
  find: () => (value) => value,
};

/** The bytes of a call with the given arguments. */
export function callOf(args: readonly unknown[]): Buffer {
  const start: StartCall = {
    type: 'StartCall',
    task: 1,
    slot: 0,
    ahead: false,
    streamed: false,
    streams: false,
    yields: false,
    name: 'echo',
    bytes: encodeValue(args, 'args').pieces as readonly Buffer[],
  };
  const { code, task, payload } = encode(start);
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  writeHeader(frame, 0, code, task, payload.length);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}
