import { availableParallelism, cpus as readCpus } from 'node:os';

/** What the meter needs to know of a worker. */
export interface MeasuredWorker {
  /** CPU in use since its last report, percent of one. */
  readonly cpuPercent: number;
  readonly demoted: boolean;
}

interface Times {
  readonly busyMs: number;
  readonly totalMs: number;
}

/**
 * How many CPUs are busy with work of normal priority, between two calls: what stands in the way of short tasks and of boots.
 * The system counts the time of processes of lowered priority apart, as "nice" (proc_stat(5)), so that demoted workers do not
 * show. Where a cgroup grants less than the CPUs that the system counts, the workers' own reports have to do.
 */
export class LoadMeter {
  readonly #cpus: number;
  #last = readTimes();

  /** @param cpus CPUs that the workers may use */
  constructor(cpus: number) {
    this.#cpus = cpus;
  }

  measure(workers: Iterable<MeasuredWorker>): number {
    if (this.#cpus < availableParallelism()) return reportedBy(workers);
    const now = readTimes();
    const [busyMs, totalMs] = [now.busyMs - this.#last.busyMs, now.totalMs - this.#last.totalMs];
    this.#last = now;
    return totalMs <= 0 ? 0 : (this.#cpus * busyMs) / totalMs;
  }
}

function reportedBy(workers: Iterable<MeasuredWorker>): number {
  let percent = 0;
  for (const { cpuPercent, demoted } of workers) if (!demoted) percent += cpuPercent;
  return percent / 100;
}

function readTimes(): Times {
  let [busyMs, totalMs] = [0, 0];
  for (const { times } of readCpus()) {
    busyMs += times.user + times.sys + times.irq;
    totalMs += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { busyMs, totalMs };
}
