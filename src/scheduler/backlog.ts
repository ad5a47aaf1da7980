/** The pace is that of so many looks in a row: about a second. Until then it is a burst, which may wait. */
const LOOKS = 4;
/** Waiting tasks for each worker that are never too many. */
const FEWEST_EACH = 16;

/**
 * How many short tasks may wait on a machine that has no CPU left: as many as end within `patienceMs`, at the pace of late. A queue that is longer does not get
 * more done, only later: then nobody is answered in time, and with a number as its bound it is as slow as the tasks are. See docs/decisions/0022-queues.md.
 */
export class Backlog {
  readonly #patienceMs: number | undefined;
  /** Tasks a ms, of the last looks. */
  #paces: number[] = [];
  #wasFull = false;
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

  /** A task has ended. */
  ended(): void {
    this.#ended += 1;
  }

  /**
   * Some time after the last look.
   *
   * @param isFull whether all CPUs are busy and tasks wait: else more workers are to come, or no more is asked for, and the pace says nothing
   * @param workers how many there are, those that boot included
   */
  look(isFull: boolean, workers: number, nowMs: number): void {
    const pace = this.#ended / Math.max(1, nowMs - this.#lookedMs);
    this.#ended = 0;
    this.#lookedMs = nowMs;
    // One look in between at which there was room says nothing yet.
    if (isFull) this.#paces = [...this.#paces, pace].slice(-LOOKS);
    else if (!this.#wasFull) this.#paces = [];
    this.#wasFull = isFull;
    const fastest = Math.max(0, ...this.#paces);
    // Where nothing ends there is no pace: workers boot, or all that runs is long.
    const isKnown = this.#patienceMs !== undefined && this.#paces.length === LOOKS && fastest > 0;
    this.#limit = isKnown
      ? Math.max(FEWEST_EACH * Math.max(1, workers), Math.ceil(fastest * (this.#patienceMs ?? 0)))
      : Number.POSITIVE_INFINITY;
  }
}
