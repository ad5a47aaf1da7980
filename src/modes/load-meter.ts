import { availableParallelism, cpus as readCpus } from 'node:os';

/** What the meter needs to know of a worker. */
export interface MeasuredWorker {
  /** CPU in use since its last report, percent of one. */
  readonly cpuPercent: number;
  readonly demoted: boolean;
  /** It loads the handler, which computes, and has reported nothing yet. */
  readonly starting: boolean;
  /** It shares the process with the primary, which the time of this one counts. */
  readonly isThread: boolean;
}

interface Times {
  readonly busyMs: number;
  readonly totalMs: number;
}

/**
 * How many CPUs are busy with work of normal priority, between two calls: what stands in the way of short tasks and of boots.
 * The system counts the time of processes of lowered priority apart, as "nice" (proc_stat(5)), so that demoted workers do not
 * show. Where a cgroup grants less than the CPUs that the system counts, others may have those: what counts then is the time of this process and what the
 * workers report.
 */
export class LoadMeter {
  readonly #cpus: number;
  readonly #systemCpus: number;
  #last = readTimes();
  #lastOwn = readOwn();

  /** @param cpus CPUs that the workers may use */
  constructor(cpus: number, systemCpus = availableParallelism()) {
    this.#cpus = cpus;
    this.#systemCpus = systemCpus;
  }

  measure(workers: Iterable<MeasuredWorker>): number {
    if (this.#cpus < this.#systemCpus) return this.#measureOwn() + reportedBy(workers);
    const now = readTimes();
    const [busyMs, totalMs] = [now.busyMs - this.#last.busyMs, now.totalMs - this.#last.totalMs];
    this.#last = now;
    return totalMs <= 0 ? 0 : (this.#cpus * busyMs) / totalMs;
  }

  /** CPUs that this process used, its threads included. */
  #measureOwn(): number {
    const now = readOwn();
    const [busyMs, totalMs] = [now.busyMs - this.#lastOwn.busyMs, now.totalMs - this.#lastOwn.totalMs];
    this.#lastOwn = now;
    return totalMs <= 0 ? 0 : busyMs / totalMs;
  }
}

function reportedBy(workers: Iterable<MeasuredWorker>): number {
  let percent = 0;
  for (const { cpuPercent, demoted, starting, isThread } of workers)
    if (!demoted && !isThread) percent += starting ? 100 : cpuPercent;
  return percent / 100;
}

function readOwn(): Times {
  const { user, system } = process.cpuUsage();
  return { busyMs: (user + system) / 1000, totalMs: performance.now() };
}

function readTimes(): Times {
  let [busyMs, totalMs] = [0, 0];
  for (const { times } of readCpus()) {
    busyMs += times.user + times.sys + times.irq;
    totalMs += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { busyMs, totalMs };
}
