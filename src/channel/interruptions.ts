/**
 * What a session of Node's inspector hears from another thread comes in the middle of whatever JavaScript runs just then, that of Node itself
 * included: a timer that is set there can break the queue of timers that is being sorted. (src/inspector/main_thread_interface.cc, which
 * calls from an interrupt of V8; https://github.com/nodejs/node/pull/65028.) So nothing is done there but to keep what came. It is taken
 * up as a microtask, when that code is done, in the order in which it came.
 */
export class Interruptions {
  #kept: (() => void)[] = [];
  readonly #takeUp = (): void => {
    const kept = this.#kept;
    this.#kept = [];
    for (const work of kept) work();
  };

  keep(work: () => void): void {
    this.#kept.push(work);
    // V8's own queue, and nothing of Node's.
    if (this.#kept.length === 1) void SETTLED.then(this.#takeUp);
  }
}

const SETTLED = Promise.resolve();
