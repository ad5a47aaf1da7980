import { ANSWER_WINDOW_BYTES } from './messages.ts';

/** Pieces that lie ready: most clients take what they get at once, and then one is enough. */
const MOST_READY = 8;

/**
 * Memory for parts of bodies on their way to a client, which is used again as soon as the system has taken them. New memory for each would have to be
 * faulted in, and makes V8 collect all of the heap again and again: 0.4 ms for 1 MB, as much as all else that is done with it.
 */
export class LentMemory {
  readonly #ready: Buffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** @param byteLength at most `ANSWER_WINDOW_BYTES` */
  lend(byteLength: number): Buffer {
    const memory = this.#ready.pop() ?? Buffer.allocUnsafeSlow(ANSWER_WINDOW_BYTES);
    this.#lent.add(memory.buffer);
    return memory.subarray(0, byteLength);
  }

  has({ buffer }: Buffer): boolean {
    return this.#lent.has(buffer);
  }

  /** Nobody looks at it any more. Anything that was not lent, or was given back, is left alone; what is never given back, the garbage collector finds. */
  giveBack({ buffer }: Buffer): void {
    if (!this.#lent.delete(buffer) || this.#ready.length >= MOST_READY) return;
    this.#ready.push(Buffer.from(buffer));
  }
}

/** That of this process. */
export const lentMemory = new LentMemory();
