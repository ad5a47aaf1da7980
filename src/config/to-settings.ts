import path from 'node:path';
import type { EffectiveValues } from './options.ts';
import type { CertificateFiles, Settings } from './settings.ts';

/** What waits as long as it may is late; what waits for so much less has a client who still wants it. */
const PATIENCE_SHARE = 20;

/** Gives the options the names that the rooms use, with the unit in each. */
export function toSettings(
  entry: string,
  values: EffectiveValues,
  isSet: (name: 'deadline' | 'queue') => boolean,
  cpus: number,
): Settings {
  return {
    entry,
    mode: values.mode,
    host: values.host,
    port: values.port,
    certificate: certificateFiles(values),
    min: values.min,
    max: values.max,
    spares: values.spares,
    concurrency: values.concurrency,
    cpus,
    memoryBytes: values.memory,
    quantumMs: values.quantum,
    floor: values.floor,
    deadlineMs: values.deadline,
    deadlineIsExplicit: isSet('deadline'),
    slowMs: values.slow,
    queueLimit: values.queue,
    queuePatienceMs: isSet('queue') ? undefined : values.queueTimeout / PATIENCE_SHARE,
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
    adminPort: values.adminPort,
    socket: values.socket,
    health: values.health,
    incidentsFolder: values.incidents === undefined ? undefined : path.resolve(values.incidents),
    watch: values.watch,
    dev: values.dev,
    logLevel: values.logLevel,
    serverTiming: values.serverTiming,
    workerHeader: values.workerHeader,
  };
}

/** One of them alone was refused before. */
function certificateFiles({ cert, key }: EffectiveValues): CertificateFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert: path.resolve(cert), key: path.resolve(key) };
}
