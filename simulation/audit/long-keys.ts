/** That of the scheduler: after so many runs in a row that outlived the quantum the next one is expected to; of a key that was short before, after so many. */
const ENOUGH = 32;
const ENOUGH_AFTER_SHORT = 256;
/** Of those that are expected to be long, every so many is tried as a short one. */
const PROBE_EVERY = 8;

interface Key {
  longInRow: number;
  /** How often it was short. */
  turns: number;
  /** Since it is long for certain: how many tasks came, and how many of them were sent to the short lane. */
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
    const key = this.#keys.get(name) ?? { longInRow: 0, turns: 0, came: 0, tried: 0 };
    this.#keys.set(name, key);
    if (runMs > this.#quantumMs) key.longInRow += 1;
    else Object.assign(key, { longInRow: 0, turns: key.turns + 1, came: 0, tried: 0 });
  }

  /** Whether a task may be expected to be long. */
  mayBeLong(name: string): boolean {
    return (this.#keys.get(name)?.longInRow ?? 0) >= ENOUGH;
  }

  /** A task comes. @returns a number for `sentShort` where it has to be expected to be long */
  arrive(name: string): number | undefined {
    const key = this.#keys.get(name);
    if (key === undefined || key.longInRow < (key.turns === 0 ? ENOUGH : ENOUGH_AFTER_SHORT)) return undefined;
    key.came += 1;
    return key.turns;
  }

  /** One of those is sent to the short lane. @returns whether that are no more than have to be tried */
  sentShort(name: string, turns: number): boolean {
    const key = this.#keys.get(name);
    if (key?.turns !== turns) return true;
    key.tried += 1;
    return key.tried <= 1 + key.came / PROBE_EVERY;
  }
}
