/** A task that may be in one of the lists, and who is there before and after it. */
export interface Listed {
  readonly task: number;
  list: TaskList | undefined;
  before: Listed | undefined;
  after: Listed | undefined;
}

/**
 * Tasks in the order in which they were added, each in one list at most. The links are in the records: with a Set for each of these lists, which fills and
 * empties all the time, half of what a call left to the garbage collector was tables of Sets (docs/decisions/0017-brief-calls.md).
 */
export class TaskList {
  #first: Listed | undefined;
  #last: Listed | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Listed | undefined {
    return this.#first;
  }

  add(record: Listed): void {
    record.list = this;
    record.before = this.#last;
    if (this.#last === undefined) this.#first = record;
    else this.#last.after = record;
    this.#last = record;
    this.#size += 1;
  }

  /** It has to be in here. */
  remove(record: Listed): void {
    const { before, after } = record;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    record.list = undefined;
    record.before = undefined;
    record.after = undefined;
    this.#size -= 1;
  }

  /** Each may be removed, or added again at the end, while it is looked at, and those after it too. */
  *[Symbol.iterator](): Iterator<number> {
    for (let record = this.#first; record !== undefined;) {
      const { after } = record;
      yield record.task;
      // The one that was next is not in here any more: those before it have left, or are at the end.
      record = after === undefined || after.list === this ? after : this.#first;
    }
  }
}
