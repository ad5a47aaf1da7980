/** That of the scheduler: after so many runs in a row that outlived the quantum the next one of a key is expected to; later, if it was ever short. */
const ENOUGH = 32;
/** Of those that are expected to be long, every so many is tried as a short one. */
const PROBE_EVERY = 8;

interface Key {
  longInRow: number;
  wasShort: boolean;
  /** Of one that was never short, since it is long: how many tasks came, and how many of them were sent to the short lane. */
  came: number;
  tried: number;
}

/** A simple record of how long the tasks of each key ran. */
export class LongKeys {
  readonly #quantumMs: number;
  readonly #keys = new Map<string, Key>();

  constructor(quantumMs: number) {
    this.#quantumMs = quantumMs;
  }

  /** @param runMs without what it waited for a CPU */
  ran(name: string, runMs: number): void {
    const key = this.#keys.get(name) ?? { longInRow: 0, wasShort: false, came: 0, tried: 0 };
    this.#keys.set(name, key);
    const isLong = runMs > this.#quantumMs;
    key.longInRow = isLong ? key.longInRow + 1 : 0;
    key.wasShort ||= !isLong;
  }

  /** Whether a task may be expected to be long. */
  mayBeLong(name: string): boolean {
    return (this.#keys.get(name)?.longInRow ?? 0) >= ENOUGH;
  }

  /** A task comes. @returns whether it has to be expected to be long */
  arrive(name: string): boolean {
    const key = this.#keys.get(name);
    if (key === undefined || key.wasShort || key.longInRow < ENOUGH) return false;
    key.came += 1;
    return true;
  }

  /** One of those is sent to the short lane. @returns whether that are no more than have to be tried */
  sendShort(name: string): boolean {
    const key = this.#keys.get(name);
    if (key === undefined || key.wasShort) return true;
    key.tried += 1;
    return key.tried <= 1 + key.came / PROBE_EVERY;
  }
}
