import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { JOURNAL_BYTES, type JournalMemory } from './journal.ts';

/** Of one message, and of how many that were not taken yet, in each direction: what a worker can make us hold. */
export const REGION_BYTES = 4 * 1024 * 1024;
export const REGIONS = 4;

/** Where a journal goes before it is known how long it is. Only the primary reads any. */
let scratch: Buffer | undefined;

/** Behind the regions of both directions (journal.ts). */
const JOURNAL_AT = 2 * REGIONS * REGION_BYTES;

/** A file in memory (tmpfs). Anywhere else it would be a file on a disk. */
const FOLDER = '/dev/shm';

/**
 * Memory that two processes have in common, as Node can have it: a file without a name in a file system that is memory. A large value is
 * copied into it once and out of it once, by two system calls, where a socket takes one for each 64 KB and wakes the other side each
 * time: 0.25 ms for 1 MB there and back out, against 1 ms and more (docs/decisions/0014-large-values.md).
 */
export class MemoryFile {
  readonly fd: number;

  /** @param fd of a file that the other side has open too */
  constructor(fd: number) {
    this.fd = fd;
  }

  /**
   * A new one, or undefined where the system has no such file system, or no room in it.
   *
   * @param id that nobody can guess. A worker loads this file too, and no node:crypto for what it never makes
   */
  static create(id: string): MemoryFile | undefined {
    const path = `${FOLDER}/prefork-${id}`;
    try {
      const file = new MemoryFile(openSync(path, 'wx+', 0o600));
      unlinkSync(path);
      return file;
    } catch {
      return undefined;
    }
  }

  /** @returns false when there was no room: what was written is not to be read */
  write(region: number, pieces: readonly Uint8Array[]): boolean {
    let position = region * REGION_BYTES;
    try {
      for (const piece of pieces) {
        for (let offset = 0; offset < piece.byteLength;) {
          const written = writeSync(this.fd, piece, offset, piece.byteLength - offset, position);
          offset += written;
          position += written;
        }
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Each piece in memory of its own. @throws RangeError when less was written */
  read(region: number, lengths: readonly number[]): Buffer[] {
    let offset = 0;
    return lengths.map((length) => {
      const piece = this.readInto(Buffer.allocUnsafeSlow(length), region, offset);
      offset += length;
      return piece;
    });
  }

  /** As much as the memory holds. @returns the memory @throws RangeError when less was written */
  readInto(memory: Buffer, region: number, from = 0): Buffer {
    const { length } = memory;
    for (let offset = 0; offset < length;) {
      const read = readSync(this.fd, memory, offset, length - offset, region * REGION_BYTES + from + offset);
      if (read === 0) throw new RangeError(`${length} bytes were announced, ${offset} are there`);
      offset += read;
    }
    return memory;
  }

  /** For the journal of the worker. */
  get journal(): JournalMemory {
    return {
      write: (bytes, length, offset) => {
        try {
          return writeSync(this.fd, bytes, 0, length, JOURNAL_AT + offset) === length;
        } catch {
          return false;
        }
      },
      read: () => {
        // That of a worker that computes is looked into again and again, and mostly empty.
        scratch ??= Buffer.allocUnsafeSlow(JOURNAL_BYTES);
        const length = readSync(this.fd, scratch, 0, JOURNAL_BYTES, JOURNAL_AT);
        return Buffer.from(scratch.subarray(0, length));
      },
    };
  }

  close(): void {
    closeSync(this.fd);
  }
}
