/** The fastest of so many looks is the pace: about a second of them. */
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
  #wasTelling = false;
  #hadWaiting = false;
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
   * @param saturated whether all CPUs were busy meanwhile: else more workers are to come, and the pace says nothing
   * @param waiting how many short tasks wait now
   * @param workers how many there are, those that boot included
   */
  look(saturated: boolean, waiting: number, workers: number, nowMs: number): void {
    const pace = this.#ended / Math.max(1, nowMs - this.#lookedMs);
    this.#ended = 0;
    this.#lookedMs = nowMs;
    // Where nothing waited the pace is that of the clients: what the machine could have done does not show.
    const isTelling = saturated && waiting > 0 && this.#hadWaiting;
    this.#hadWaiting = waiting > 0;
    // One look in between at which some CPU had a rest says nothing yet.
    if (isTelling) this.#paces = [...this.#paces, pace].slice(-LOOKS);
    else if (!this.#wasTelling) this.#paces = [];
    this.#wasTelling = isTelling;
    const fastest = Math.max(0, ...this.#paces);
    // Where nothing ends there is no pace: workers boot, or all that runs is long.
    const isKnown = this.#patienceMs !== undefined && fastest > 0;
    this.#limit = isKnown
      ? Math.max(FEWEST_EACH * Math.max(1, workers), Math.ceil(fastest * (this.#patienceMs ?? 0)))
      : Number.POSITIVE_INFINITY;
  }
}
