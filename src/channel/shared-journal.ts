import { JOURNAL_BYTES, type JournalMemory } from './journal.ts';

const FENCE_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** Memory for the journal of a thread. */
export class SharedJournal implements JournalMemory {
  readonly memory: SharedArrayBuffer;
  readonly #bytes: Buffer;
  /** What is written to the bytes before this is read by who reads them after it. */
  readonly #fence: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(FENCE_BYTES + JOURNAL_BYTES)) {
    this.memory = memory;
    this.#fence = new Int32Array(memory, 0, 1);
    this.#bytes = Buffer.from(memory, FENCE_BYTES);
  }

  write(bytes: Buffer, length: number, offset: number): boolean {
    bytes.copy(this.#bytes, offset, 0, length);
    Atomics.add(this.#fence, 0, 1);
    return true;
  }

  read(): Buffer {
    Atomics.load(this.#fence, 0);
    return Buffer.from(this.#bytes);
  }
}
