import type { Exchange } from '../http/exchange.ts';
import { IdMap } from '../scheduler/id-map.ts';

interface Running {
  readonly exchange: Exchange;
  readonly deadlineAtMs: number;
  /** Its deadline has passed, and that was seen to. */
  isExpired: boolean;
  before: Running | undefined;
  after: Running | undefined;
}

/**
 * Tasks that run in this process, first started first; all have the same deadline. The links are in the records: the tables of a Map that fills and empties
 * all the time hold on to what was in there (scheduler/id-map.ts).
 */
export class RunningTasks {
  readonly #records = new IdMap<Running>();
  #first: Running | undefined;
  #last: Running | undefined;

  get size(): number {
    return this.#records.size;
  }

  get oldest(): Exchange | undefined {
    return this.#first?.exchange;
  }

  /** Of the oldest. */
  get deadlineAtMs(): number | undefined {
    return this.#first?.deadlineAtMs;
  }

  /** When the next deadline passes of those that have not. */
  get nextDueMs(): number | undefined {
    let record = this.#first;
    while (record?.isExpired === true) record = record.after;
    return record?.deadlineAtMs;
  }

  add(exchange: Exchange, deadlineAtMs: number): void {
    const record: Running = { exchange, deadlineAtMs, isExpired: false, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = record;
    else this.#last.after = record;
    this.#last = record;
    this.#records.set(exchange.id, record);
  }

  /** @returns false when it is not in there */
  delete({ id }: Exchange): boolean {
    const record = this.#records.get(id);
    if (record === undefined) return false;
    this.#records.delete(id);
    const { before, after } = record;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    record.before = undefined;
    record.after = undefined;
    return true;
  }

  /** Those past their deadline, each once. They stay until they are deleted. */
  takeOverdue(nowMs: number): readonly Exchange[] {
    const overdue: Exchange[] = [];
    for (let record = this.#first; record !== undefined && record.deadlineAtMs <= nowMs; record = record.after) {
      if (record.isExpired) continue;
      record.isExpired = true;
      overdue.push(record.exchange);
    }
    return overdue;
  }
}
