import type { OptionValues } from './options.ts';
import type { Settings } from './settings.ts';

/** Gives the options the names that the rooms use, with the unit in each. */
export function toSettings(
  entry: string,
  values: Omit<OptionValues, 'config'>,
  deadlineIsExplicit: boolean,
  cpus: number,
): Settings {
  return {
    entry,
    mode: values.mode,
    host: values.host,
    port: values.port,
    min: values.min,
    max: values.max,
    spares: values.spares,
    concurrency: values.concurrency,
    cpus,
    memoryBytes: values.memory,
    quantumMs: values.quantum,
    floor: values.floor,
    deadlineMs: values.deadline,
    deadlineIsExplicit,
    queueLimit: values.queue,
    queueTimeoutMs: values.queueTimeout,
    idleTimeoutMs: values.idleTimeout,
    maxRequests: values.maxRequests,
    maxMemoryBytes: values.maxMemory,
    maxBodyBytes: values.maxBody,
    maxHeaderBytes: values.maxHeader,
    headersTimeoutMs: values.headersTimeout,
    keepAliveTimeoutMs: values.keepAliveTimeout,
    bootTimeoutMs: values.bootTimeout,
    shutdownTimeoutMs: values.shutdownTimeout,
    dev: values.dev,
    logLevel: values.logLevel,
    serverTiming: values.serverTiming,
    workerHeader: values.workerHeader,
  };
}
