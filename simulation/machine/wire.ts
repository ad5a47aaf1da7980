import type { Clock } from '../kernel/clock.ts';

/** One direction of a socket: each message takes its time, none overtakes another one, and none is lost while both ends are open. */
export class Wire<Message> {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  readonly #receive: (message: Message) => void;
  #lastMs = 0;
  #open = true;
  #underWay = 0;

  constructor(clock: Clock, delayMs: () => number, receive: (message: Message) => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#receive = receive;
  }

  send(message: Message): void {
    if (!this.#open) return;
    this.#lastMs = Math.max(this.#lastMs, this.#clock.nowMs + this.#delayMs());
    this.#underWay += 1;
    this.#clock.at(this.#lastMs, () => {
      this.#underWay -= 1;
      if (this.#open) this.#receive(message);
    });
  }

  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  /** The reader is gone: what is on its way is lost. */
  close(): void {
    this.#open = false;
  }
}
