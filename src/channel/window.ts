import { BODY_WINDOW_BYTES } from './messages.ts';

/** The sender's side of flow control: how many more body bytes the receiver has allowed. */
export class SendWindow {
  readonly #windowBytes: number;
  #allowedBytes: number;
  #onOpen: (() => void) | undefined;

  constructor(windowBytes = BODY_WINDOW_BYTES) {
    this.#windowBytes = windowBytes;
    this.#allowedBytes = windowBytes;
  }

  /** False when the sender should stop reading its source. A piece already in hand may still be sent. */
  get isOpen(): boolean {
    return this.#allowedBytes > 0;
  }

  spend(bytes: number): void {
    this.#allowedBytes -= bytes;
  }

  /** Takes the receiver's credit. The sum never passes the window, whatever the peer says. */
  add(bytes: number): void {
    const wasOpen = this.isOpen;
    this.#allowedBytes = Math.min(this.#windowBytes, this.#allowedBytes + bytes);
    if (!wasOpen && this.isOpen) this.#open();
  }

  /** Calls back once, when the window opens; at most one callback waits. */
  onceOpen(callback: () => void): void {
    this.#onOpen = callback;
  }

  #open(): void {
    const callback = this.#onOpen;
    this.#onOpen = undefined;
    callback?.();
  }
}

/** The receiver's side: counts what was received and consumed, and says when it is worth telling the sender. */
export class ReceiveWindow {
  readonly #windowBytes: number;
  #unconsumedBytes = 0;
  #unreportedBytes = 0;

  constructor(windowBytes = BODY_WINDOW_BYTES) {
    this.#windowBytes = windowBytes;
  }

  /** @returns false when the sender sent more than it was allowed: it does not keep to the protocol */
  receive(bytes: number): boolean {
    this.#unconsumedBytes += bytes;
    // One frame of tolerance: a sender with one byte of window left may send the piece it holds.
    return this.#unconsumedBytes + this.#unreportedBytes <= 2 * this.#windowBytes;
  }

  /** @returns the credit to send now, or 0: credits are worth a frame only from a quarter of the window on */
  consume(bytes: number): number {
    this.#unconsumedBytes -= bytes;
    this.#unreportedBytes += bytes;
    if (this.#unreportedBytes < this.#windowBytes / 4) return 0;
    const credit = this.#unreportedBytes;
    this.#unreportedBytes = 0;
    return credit;
  }

  /** Everything received so far counts as consumed. */
  consumeAll(): number {
    return this.consume(this.#unconsumedBytes);
  }
}
