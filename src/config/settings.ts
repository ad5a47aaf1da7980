/**
 * The options as the rooms see them: resolved, validated, in base units. The user's own form (`'30s'`, `'512MB'`) ends in
 * `config/`.
 */

/**
 * How tasks are run. `pool`: in processes that are used again, short and long tasks apart. `fork`: each in a fresh process, which was booted ahead and
 * ends with it. `thread`: as `pool`, over worker threads. `cluster`: in processes that accept connections by themselves, by Node's cluster. `blocking`: in
 * the server's own process, one at a time, to compare with.
 */
export type Mode = 'blocking' | 'fork' | 'pool' | 'thread' | 'cluster';
export const MODES = ['blocking', 'fork', 'pool', 'thread', 'cluster'] as const satisfies readonly Mode[];

/** From nothing at all to everything; each one includes those before it. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const satisfies readonly LogLevel[];

/** Where the certificate of HTTPS is. */
export interface CertificateFiles {
  /** Absolute path of the PEM file of the certificate. */
  readonly cert: string;
  /** Absolute path of the PEM file of its private key. */
  readonly key: string;
}

/** The options in force, whatever they came from: resolved, checked, in base units. */
export interface Settings {
  /** Absolute path of the user's module. */
  readonly entry: string;
  /** How tasks are run. Default `pool`. */
  readonly mode: Mode;
  /** Name or address to listen on. Default 127.0.0.1. */
  readonly host: string;
  /** 0 to 65,535; 0 picks a free port. Default 3000. */
  readonly port: number;
  /** Where the certificate is, or undefined for plain HTTP. Default undefined. */
  readonly certificate: CertificateFiles | undefined;
  /** Workers kept even when idle, 0 to max. Default 1; in mode cluster as many as `max`. */
  readonly min: number;
  /** Most workers alive at once, at least 1. Default from CPUs and memory. */
  readonly max: number;
  /** Booted workers kept free beside the busy ones, 0 to max. Default 2. */
  readonly spares: number;
  /** Tasks that one worker may run at once, 1 to 512. Default 1. Modes pool and thread. */
  readonly concurrency: number;
  /** CPUs that this process and its workers may use, a fraction where a cgroup grants less than whole ones. */
  readonly cpus: number;
  /** What all workers together may hold in memory, bytes. Default half of what there is. */
  readonly memoryBytes: number;
  /** Run time, less what it waited for a CPU, after which a task counts as long, ms. Default 50. */
  readonly quantumMs: number;
  /** Share of the CPUs that long tasks keep, 0.01 to 0.5. Default 0.1. */
  readonly floor: number;
  /** Longest run of a task, ms. Default 30,000. */
  readonly deadlineMs: number;
  /** Whether the user set `deadline`: then it wins over the handler's own `config.deadline`. */
  readonly deadlineIsExplicit: boolean;
  /** Run time after which a task is reported, ms; 0 is off, undefined for half of the deadline, at most 5,000. */
  readonly slowMs: number | undefined;
  /** Most tasks that wait for a worker. Default 16 x max. */
  readonly queueLimit: number;
  /** While all CPUs are busy no more tasks wait than end within this time, ms: a twentieth of the longest wait. Undefined where the user set `queue`. */
  readonly queuePatienceMs: number | undefined;
  /** Longest wait for a worker, ms. Default 10,000. */
  readonly queueTimeoutMs: number;
  /** An idle worker beyond those wanted ends after this time, ms. Default 60,000. */
  readonly idleTimeoutMs: number;
  /** Tasks after which a worker is replaced, spread by up to 10 % so that not all go at once; 0 is off. Default 0. */
  readonly maxRequests: number;
  /** RSS in bytes at which a worker is replaced after its task, and killed at twice as much; 0 is off. Default 0. */
  readonly maxMemoryBytes: number;
  /** Largest request body, bytes. Default 100 MB. */
  readonly maxBodyBytes: number;
  /** Largest request head (request line and headers), bytes. Default 16 KB. */
  readonly maxHeaderBytes: number;
  /** Longest time for a client to send its headers, ms. Default 15,000. */
  readonly headersTimeoutMs: number;
  /** How long an idle connection is kept, ms. Default 65,000: longer than the usual 60 s of a proxy in front. */
  readonly keepAliveTimeoutMs: number;
  /** Longest boot of a worker, ms. Default 30,000. */
  readonly bootTimeoutMs: number;
  /** Longest time to finish running tasks at shutdown, ms. Default 25,000. */
  readonly shutdownTimeoutMs: number;
  /** Port of the admin API on 127.0.0.1; 0 picks a free one, undefined is off. */
  readonly adminPort: number | undefined;
  /** Path of the Unix socket of the admin API, `off` for none, undefined for one of its own. */
  readonly socket: string | undefined;
  /** Answer `/livez` and `/readyz` on the main port. Default false. */
  readonly health: boolean;
  /** Absolute path of the folder for the files of incidents, or undefined. */
  readonly incidentsFolder: string | undefined;
  /** Reload when a file of the handler changes. Default false. */
  readonly watch: boolean;
  /** Show messages and stacks of handler errors to clients. Default false. */
  readonly dev: boolean;
  /** Least severe level that is logged. Default `info`. */
  readonly logLevel: LogLevel;
  /** Send `Server-Timing`. Default true. */
  readonly serverTiming: boolean;
  /** Send `X-Worker: <pid>`. Default true. */
  readonly workerHeader: boolean;
}

/** Where the value in force of an option came from. `option` is the options object of a program that calls `serve` itself. */
export type Source = 'flag' | 'option' | 'environment' | 'file' | 'default';
