/**
 * What a worker has said and not sent yet, in memory that outlives it. A write to a socket costs ten times as much as one to memory, and
 * wakes the other side; so a worker with many brief tasks at hand gathers what it says about them, and before it calls a function, which
 * may compute for minutes or end the process, keeps it here. The primary reads it when the worker is gone or gives no sign.
 *
 * The bytes are those of the stream that the data channel carries, so it does not matter whether they come here or there: each
 * has a position, and is taken once. The records lie one after the other, from the start again after each write to the channel:
 *
 *     | length u32 | position u32 | begun u32 | bytes … | check u32 |   and 0xffffffff after the last one
 *
 * `position` is that of the first byte, modulo 2 ** 32, and `begun` the task that begins when they were said, 0 for none.
 */
export const JOURNAL_BYTES = 64 * 1024;

const HEADER_BYTES = 12;
const CHECK_BYTES = 4;
const END = 0xffff_ffff;
/** So that memory that was never written is no record. */
const SALT = 0x9e37_79b9;

/** Memory of `JOURNAL_BYTES` that both sides have. */
export interface JournalMemory {
  /** @returns false when there was no room: what was written is not to be read */
  write(bytes: Buffer, length: number, offset: number): boolean;
  /** A copy of all of it, or undefined when that is not possible. */
  read(): Buffer | undefined;
}

/** The worker's side. */
export class JournalWriter {
  readonly #memory: JournalMemory;
  readonly #record = Buffer.allocUnsafeSlow(JOURNAL_BYTES);
  #offset = 0;

  constructor(memory: JournalMemory) {
    this.#memory = memory;
  }

  /** All that was kept is on its way: from the start again. */
  begin(): void {
    this.#offset = 0;
  }

  /** @returns false when there is no room for it */
  append(position: number, begun: number, page: Buffer, from: number, to: number): boolean {
    const length = to - from;
    const end = HEADER_BYTES + length + CHECK_BYTES;
    if (this.#offset + end + CHECK_BYTES > JOURNAL_BYTES) return false;
    const record = this.#record;
    record.writeUInt32LE(length, 0);
    record.writeUInt32LE(position, 4);
    record.writeUInt32LE(begun, 8);
    page.copy(record, HEADER_BYTES, from, to);
    record.writeUInt32LE(checkOf(length, position, begun), end - CHECK_BYTES);
    record.writeUInt32LE(END, end);
    if (!this.#memory.write(record, end + CHECK_BYTES, this.#offset)) return false;
    this.#offset += end;
    return true;
  }
}

export interface Kept {
  /** What comes after the bytes that were received. */
  readonly bytes: readonly Buffer[];
  /** The task that began after the last of them; 0 for none, or when that is not the last word. */
  readonly begun: number;
}

const NOTHING: Kept = { bytes: [], begun: 0 };

/**
 * The primary's side.
 *
 * @param received how many bytes of the stream it has, modulo 2 ** 32
 */
export function readJournal(memory: JournalMemory, received: number): Kept {
  const records = memory.read();
  // It may be written to at this moment: what is read twice alike was not.
  if (records === undefined || memory.read()?.equals(records) !== true) return NOTHING;
  const bytes: Buffer[] = [];
  let position = received;
  let begun = 0;
  for (let offset = 0, next: number | undefined; offset + HEADER_BYTES <= records.length;) {
    const length = records.readUInt32LE(offset);
    const start = records.readUInt32LE(offset + 4);
    const task = records.readUInt32LE(offset + 8);
    const from = offset + HEADER_BYTES;
    const to = from + length;
    if (to + CHECK_BYTES > records.length || records.readUInt32LE(to) !== checkOf(length, start, task)) break;
    if (next !== undefined && start !== next) break;
    next = (start + length) >>> 0;
    const isNew = (next - position) | 0;
    // Before what is new there are bytes that come through the channel.
    if (((start - position) | 0) > 0) break;
    if (isNew > 0) bytes.push(records.subarray(to - isNew, to));
    if (isNew >= 0) {
      position = next;
      begun = task;
    }
    offset = to + CHECK_BYTES;
  }
  return { bytes, begun };
}

function checkOf(length: number, position: number, begun: number): number {
  return (length ^ position ^ begun ^ SALT) >>> 0;
}
