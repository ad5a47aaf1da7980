/** The pace is that of the fastest of so many looks in a row: about a second. One look may be a turn of somebody else. */
const LOOKS = 4;
/** Waiting tasks for each worker that are never too many, */
const FEWEST_EACH = 16;
/** nor are so many in all: connections that one proxy or one browser keeps open may all ask at once. */
const FEWEST = 64;

/**
 * How many short tasks may wait on a machine that has no CPU left: as many as end within `patienceMs`, at the pace of late. A queue that is longer does not get
 * more done, only later: then nobody is answered in time, and with a number as its bound it is as slow as the tasks are. See docs/decisions/0022-queues.md.
 */
export class Backlog {
  readonly #patienceMs: number | undefined;
  /** Tasks a ms, of the last looks. */
  #paces: number[] = [];
  #wasPressed = false;
  #ended = 0;
  #lookedMs = 0;
  #limit = Number.POSITIVE_INFINITY;

  /** @param patienceMs undefined for no such limit */
  constructor(patienceMs: number | undefined) {
    this.#patienceMs = patienceMs;
  }

  /** More short ones than this may not wait now. */
  get limit(): number {
    return this.#limit;
  }

  /** A queue in which somebody has waited for so long is no burst any more: who comes now will wait for longer. */
  get pressedAfterMs(): number {
    return (this.#patienceMs ?? Number.POSITIVE_INFINITY) / 4;
  }

  /** A task has ended. */
  ended(): void {
    this.#ended += 1;
  }

  /**
   * Some time after the last look.
   *
   * @param isPressed whether all CPUs are busy, so that no more workers help, and a short task has waited for `pressedAfterMs`
   * @param workers how many there are, those that boot included
   */
  look(isPressed: boolean, workers: number, nowMs: number): void {
    this.#paces = [...this.#paces, this.#ended / Math.max(1, nowMs - this.#lookedMs)].slice(-LOOKS);
    this.#ended = 0;
    this.#lookedMs = nowMs;
    const fastest = Math.max(...this.#paces);
    // One look in between that finds room says nothing yet. And where nothing ends there is no pace: workers boot, or all that runs is long.
    const isBound = (isPressed || this.#wasPressed) && fastest > 0;
    this.#wasPressed = isPressed;
    this.#limit =
      isBound && this.#patienceMs !== undefined
        ? Math.max(FEWEST, FEWEST_EACH * workers, Math.ceil(fastest * this.#patienceMs))
        : Number.POSITIVE_INFINITY;
  }
}
