import { NO_FAULTS, NO_OPERATIONS, type Scenario } from './scenario.ts';

/** By default memory sets how many there may be: 128 MB each of half the memory, so 16 where there are 4 GB for each CPU. */
const WORKERS_PER_CPU = 16;

/** A server as it is by default, on a machine with so many CPUs that does nothing else and where nothing goes wrong. Nobody asks it for anything. */
export function defaultScenario(cpus: number): Scenario {
  const max = WORKERS_PER_CPU * cpus;
  return {
    policy: {
      min: 1,
      max,
      spares: 2,
      cpus,
      memoryBytes: 0,
      reuse: true,
      concurrency: 1,
      aheadMs: 4,
      quantumMs: 50,
      queueLimit: 16 * max,
      queuePatienceMs: 500,
      queueTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      cancelGraceMs: 500,
      maxRequests: 0,
    },
    deadlineMs: 30_000,
    floor: 0.1,
    canRaise: true,
    bootTimeoutMs: 30_000,
    bootMs: 100,
    maxMemoryBytes: 0,
    shutdownTimeoutMs: 25_000,
    closesBusy: false,
    socketMs: 0.05,
    watchdogMs: 0.1,
    traffic: {
      load: 1,
      burstFactor: 1,
      clients: 1,
      cancelled: 0,
      committedEarly: 0,
      restartable: 0,
      withBody: 0,
      heedsCancel: 0,
      kinds: [],
      reportMs: 0,
      tunnels: 0,
      kept: 0,
    },
    faults: NO_FAULTS,
    operations: NO_OPERATIONS,
  };
}
