import type { Layer } from './read-layer.ts';
import type { EffectiveValues } from './options.ts';
import { defaultClusterWorkers, defaultMaxWorkers, defaultMemory, type Machine } from './sizing.ts';

const KB = 1024;
const MB = 1024 * KB;

/**
 * Fills in the default of each option that no source set, where it has one. Those of `min`, `max`, `spares` and `queue` depend on the mode, on
 * the machine and on each other; a default never contradicts what the user set.
 */
export function withDefaults(set: Layer, machine: Machine): EffectiveValues {
  const mode = set.mode ?? 'pool';
  const max = set.max ?? (mode === 'cluster' ? defaultClusterWorkers(machine) : defaultMaxWorkers(machine));
  return {
    host: '127.0.0.1',
    port: 3000,
    min: mode === 'cluster' ? max : 1,
    spares: Math.min(2, max),
    concurrency: 1,
    memory: defaultMemory(machine),
    quantum: 50,
    floor: 0.1,
    deadline: 30_000,
    queue: 16 * max,
    queueTimeout: 10_000,
    idleTimeout: 60_000,
    maxRequests: 0,
    maxMemory: 0,
    maxBody: 100 * MB,
    maxHeader: 16 * KB,
    headersTimeout: 15_000,
    keepAliveTimeout: 65_000,
    bootTimeout: 30_000,
    shutdownTimeout: 25_000,
    health: false,
    watch: false,
    dev: false,
    logLevel: 'info',
    serverTiming: true,
    workerHeader: true,
    ...set,
    mode,
    max,
  };
}
