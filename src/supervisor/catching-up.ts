import { clearTimeout, setTimeout } from 'node:timers';

/**
 * When to look again, ms after the last look. What a main thread has said is in its journal some microseconds after it was decided, unless it has lost its
 * CPU in between; and then it computes, and says nothing more.
 */
const AGAIN_MS = [2, 10, 50, 250, 1000];

/** Looks now, and a few times more: until somebody has news. */
export class CatchingUp {
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(look: () => void) {
    this.#look = look;
  }

  begin(): void {
    this.#next = 0;
    this.#look();
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const delayMs = AGAIN_MS[this.#next];
    if (delayMs === undefined) return;
    this.#next += 1;
    this.#timer = setTimeout(() => {
      this.#look();
      this.#arm();
    }, delayMs).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
