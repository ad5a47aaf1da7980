import type { Duration } from './duration.ts';
import type { LogLevel, Mode } from './settings.ts';
import type { Size } from './size.ts';

/**
 * What `serve` accepts. Durations are milliseconds or text such as `'30s'`, from 0 or 1 ms to 2^31-1 ms; sizes are bytes or
 * text such as `'512MB'`. What makes no sense is refused with ERR_BAD_OPTION, an unknown key too. An option that is left
 * out, or undefined, comes from the environment, then from the config file, then from its default.
 */
export interface ServeOptions {
  /** The module that exports the handler: a path relative to the working directory, or a `file:` URL. ERR_ENTRY_NOT_FOUND when there is no such file. */
  readonly entry: string | URL;
  /** How tasks are run. Default `'pool'`. */
  readonly mode?: Mode | undefined;
  /** TCP port to listen on, 0 to 65,535; 0 picks a free one. Default 3000. ERR_PORT_IN_USE when it is taken. */
  readonly port?: number | undefined;
  /** Name or address to listen on. Default `'127.0.0.1'`, which nobody outside of the machine or container reaches. */
  readonly host?: string | undefined;
  /** PEM file of the certificate, relative to the working directory: HTTPS, HTTP/1.1 and HTTP/2. Default none: plain HTTP. ERR_BAD_OPTION when it is none, or `key` is missing or another one. */
  readonly cert?: string | undefined;
  /** PEM file of its private key, without a passphrase. */
  readonly key?: string | undefined;
  /** Workers kept alive even when idle, 0 to `max`. Default 1; in mode `cluster` as many as `max`. */
  readonly min?: number | undefined;
  /** Most workers alive at once, at least 1. Default from the CPUs and the memory that this process may use. */
  readonly max?: number | undefined;
  /** Booted workers kept free beside the busy ones, 0 to `max`. Default 2, or `max` if that is less. */
  readonly spares?: number | undefined;
  /**
   * Tasks that one worker may run at once, 1 to 512, in modes `pool` and `thread`; for handlers that wait rather than compute. A worker whose event loop
   * does not turn gets no more, and what it has not begun goes to others; one that has to be killed takes its started neighbours with it. Default 1.
   */
  readonly concurrency?: number | undefined;
  /** Memory that all workers together may hold, from 64 MB to that of this machine or cgroup; beside `max` it bounds how many there are. Default half of that. Threads count by their heaps. */
  readonly memory?: Size | undefined;
  /** Run time, less what it waited for a CPU, after which a task counts as long, and another worker takes the place of its own, at least 1 ms and less than `deadline`. Default 50 ms. */
  readonly quantum?: Duration | undefined;
  /** Share of the CPUs that long tasks keep however many short ones there are: text such as `'10%'`, or 0.01 to 0.5. Default 0.1. */
  readonly floor?: number | `${number}%` | undefined;
  /** Longest run of a task, at least 1 ms; then its worker is killed and the client gets a 504. Default 30 s. Wins over the handler's own. */
  readonly deadline?: Duration | undefined;
  /** Run time after which a task is reported once, with the stack of what it does; 0 is off. Default half of its deadline, at most 5 s. */
  readonly slow?: Duration | undefined;
  /** Most tasks that wait for a worker; more get a 503. Default 16 x `max`, and where all CPUs are busy as many as end within a twentieth of `queueTimeout`. */
  readonly queue?: number | undefined;
  /** Longest wait of a task for a worker, at least 1 ms; then it gets a 503. Default 10 s. */
  readonly queueTimeout?: Duration | undefined;
  /** Time after which an idle worker beyond `min` and `spares` ends. Default 60 s. */
  readonly idleTimeout?: Duration | undefined;
  /** Tasks after which a worker is replaced, spread by up to 10 %; 0 is off. Default 0. */
  readonly maxRequests?: number | undefined;
  /** Resident memory of a worker at which it is replaced after its task, and killed at twice as much; 0 is off. Default 0. */
  readonly maxMemory?: Size | undefined;
  /** Largest request body; more gets a 413. Default 100 MB. */
  readonly maxBody?: Size | undefined;
  /** Largest request head (request line and headers), at least 1 KB; more gets a 431. Default 16 KB. */
  readonly maxHeader?: Size | undefined;
  /** Longest time for a client to send its headers, at least 1 ms. Default 15 s. */
  readonly headersTimeout?: Duration | undefined;
  /** How long an idle connection is kept, at least 1 ms. Default 65 s, longer than the usual 60 s of a proxy in front. */
  readonly keepAliveTimeout?: Duration | undefined;
  /** Longest boot of a worker, the loading of the handler included, at least 1 ms. Default 30 s. */
  readonly bootTimeout?: Duration | undefined;
  /** Longest time to finish running tasks at shutdown; what still runs then is cut off. Default 25 s. */
  readonly shutdownTimeout?: Duration | undefined;
  /** Port on 127.0.0.1 for the admin API and the dashboard, 0 for any free one. Default off. */
  readonly adminPort?: number | undefined;
  /** Path of the Unix socket of the admin API, or `'off'`. Default a file of its own in a folder that its owner alone can enter. */
  readonly socket?: string | undefined;
  /** Answer `/livez` and `/readyz` on the main port as well. Default false. */
  readonly health?: boolean | undefined;
  /** Folder for a JSON file of each incident. Default none: they are kept in memory alone. */
  readonly incidents?: string | undefined;
  /** Reload when a file of the handler changes. Default false. */
  readonly watch?: boolean | undefined;
  /** Show messages and stacks of handler errors to clients. Default false. */
  readonly dev?: boolean | undefined;
  /** Least severe level that is logged. Default `'info'`. */
  readonly logLevel?: LogLevel | undefined;
  /** Send `Server-Timing` with each response. Default true. */
  readonly serverTiming?: boolean | undefined;
  /** Send `X-Worker: <pid>` with each response. Default true. */
  readonly workerHeader?: boolean | undefined;
  /** Config file to read, relative to the working directory. Default `prefork.config.{ts,js,mjs,json}` there, if there is one. */
  readonly config?: string | undefined;
}

/** What a config file exports: the options of `serve`, without the entry and without the path of the file itself. */
export type ConfigFile = Omit<ServeOptions, 'entry' | 'config'>;
