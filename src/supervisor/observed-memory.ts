/** More than that is worth another worker. */
const MUCH_BYTES = 64 * 1024 ** 2;

/**
 * Tells what a handler holds in memory from what a look into its heap took: a snapshot may take many times the heap, and the allocator
 * gives little of it back. Nobody is to lose a task because an operator looked.
 */
export class ObservedMemory {
  #beforeBytes: number | undefined;
  #leftBytes = 0;

  /** The look left so much behind that the worker should be replaced, once it has done what it runs. */
  get isSpoilt(): boolean {
    return this.#leftBytes >= MUCH_BYTES;
  }

  /** A look into the heap begins. @param rssBytes as it was measured last; 0 when it never was */
  begin(rssBytes: number): void {
    this.#beforeBytes ??= rssBytes;
  }

  /**
   * @param isLooking whether such a look goes on
   * @returns what counts as the handler's, bytes: for as long as the look goes on, what it held before
   */
  measure(rssBytes: number, isLooking: boolean): number {
    if (this.#beforeBytes !== undefined) {
      // One that was never measured is taken for what it is found to be first: a snapshot takes a while to grow.
      if (isLooking) {
        if (this.#beforeBytes === 0) this.#beforeBytes = rssBytes;
        return this.#beforeBytes;
      }
      if (this.#beforeBytes > 0) this.#leftBytes = Math.max(this.#leftBytes, rssBytes - this.#beforeBytes);
      this.#beforeBytes = undefined;
    }
    return Math.max(0, rssBytes - this.#leftBytes);
  }
}
