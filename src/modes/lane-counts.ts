import type { LaneTotals, Lanes } from '../admin/api.ts';
import type { SchedulerCommand, SchedulerFigures } from '../scheduler/types.ts';

/** Counts what the scheduler does to tasks beside beginning them, so that none of it is done in silence. */
export class LaneCounts {
  readonly #counts: { -readonly [Name in keyof Omit<LaneTotals, 'rejected'>]: number } = {
    demoted: 0,
    requeued: 0,
    overstayed: 0,
    expectedLong: 0,
    retried: 0,
  };
  readonly #rejected: { -readonly [Reason in keyof LaneTotals['rejected']]: number } = {
    queueFull: 0,
    overloaded: 0,
    queueTimeout: 0,
    longLaneFull: 0,
    noWorker: 0,
    closing: 0,
  };

  count(command: SchedulerCommand): void {
    switch (command.type) {
      case 'RequeueTask':
        this.#counts.requeued += 1;
        return;
      case 'TaskOverstays':
        this.#counts.overstayed += 1;
        return;
      case 'RetryTask':
        this.#counts.retried += 1;
        return;
      case 'RejectTask':
        this.#rejected[command.reason] += 1;
        return;
      default:
        return;
    }
  }

  demoted(): void {
    this.#counts.demoted += 1;
  }

  /** A task was begun in the long lane, since it was expected to be long. */
  beganLong(): void {
    this.#counts.expectedLong += 1;
  }

  with({ running, long, overstaying, connections, queued, queuedLong }: SchedulerFigures): Lanes {
    return {
      running: { short: running - long - overstaying - connections, long, overstaying, connections },
      waiting: { short: queued - queuedLong, long: queuedLong },
      totals: { ...this.#counts, rejected: { ...this.#rejected } },
    };
  }
}
