import type { TaskMessage } from '../http/channel-exchange.ts';
import type { SchedulerEvent } from '../scheduler/types.ts';

/** What the scheduler is told of a task that goes on: that it has begun, and that a client may have seen something of its answer. */
export class AnswerNews {
  readonly #tell: (event: SchedulerEvent) => void;
  readonly #runs: (task: number) => boolean;
  /** Answered by the messages that are being taken. */
  #answered: number[] = [];

  /** @param runs whether a task has begun and is not over */
  constructor(tell: (event: SchedulerEvent) => void, runs: (task: number) => boolean) {
    this.#tell = tell;
    this.#runs = runs;
  }

  /** @param isFirst whether nothing was known of it before, not even that it had begun */
  take({ type, task }: TaskMessage, isFirst: boolean): void {
    if (type === 'Answered') {
      // Mostly its end comes with it, and that is all that has to be told.
      this.#answered.push(task);
      return;
    }
    if (isFirst) this.#tell({ type: 'TaskStarted', task });
    // A second run could say something else.
    if (type === 'ResponseHead' || type === 'Informational') this.#tell({ type: 'TaskCommitted', task });
  }

  /** All messages that came together were taken. */
  tellRest(): void {
    if (this.#answered.length === 0) return;
    const answered = this.#answered;
    this.#answered = [];
    for (const task of answered) {
      if (!this.#runs(task)) continue;
      this.#tell({ type: 'TaskStarted', task });
      this.#tell({ type: 'TaskCommitted', task });
    }
  }
}
