/**
 * The option table of `serve`: flags, environment variables, config-file keys, validation, `--help` and the reference page
 * all derive from it.
 *
 * It owns what an option is called, what it accepts and what it means. It does not own where values come from
 * (`resolve.ts`), nor defaults that depend on the machine (`sizing.ts`). It runs in the primary and in the command.
 */
import { boolean, choice, count, duration, host, memory, port, share, size, text, type Option } from './option-kinds.ts';
import type { ServeOptions } from './serve-options.ts';
import { LOG_LEVELS, MODES } from './settings.ts';

export type OptionName = Exclude<keyof ServeOptions, 'entry'>;

const KB = 1024;

export const OPTIONS = {
  mode: choice(MODES, {
    default: 'pool',
    doc: "How tasks are run: one at a time in the primary, a process each, pooled processes, pooled threads, or Node's cluster; blocking lets one task hold up all others.",
  }),
  port: port({
    default: '3000',
    doc: 'TCP port to listen on, 0 for any free one; a port that is taken ends the command with exit code 4.',
    environmentAlias: 'PORT',
  }),
  host: host({
    default: '127.0.0.1',
    doc: 'Name or address to listen on; 127.0.0.1 can not be reached from outside a container or machine, 0.0.0.0 can be reached by everybody.',
  }),
  cert: text({
    default: 'off, plain HTTP',
    doc: 'PEM file of the certificate, with those of its issuers after it; with it the server speaks HTTPS, HTTP/1.1 and HTTP/2. It is read again at each reload.',
  }),
  key: text({
    default: 'off, plain HTTP',
    doc: 'PEM file of the private key of the certificate, without a passphrase; whoever can read it can pretend to be this server.',
  }),
  min: count(0, {
    default: '1, in mode cluster as many as max',
    doc: 'Workers kept alive even when idle; too many cost memory, too few make the first tasks after a quiet time wait for a boot.',
  }),
  max: count(1, {
    default: 'from CPUs and memory',
    doc: 'Most workers alive at once; too many exhaust memory, too few make tasks wait in the queue.',
    environmentAlias: 'WEB_CONCURRENCY',
  }),
  spares: count(0, {
    default: '2',
    doc: 'Booted workers kept free beside the busy ones, up to max; each costs the memory of a worker, and without any a burst waits for boots.',
  }),
  concurrency: count(
    1,
    {
      default: '1',
      doc: 'Tasks that one worker may run at once, for handlers that wait rather than compute (modes pool and thread); one that has to be killed takes its neighbours with it.',
    },
    512,
  ),
  memory: memory({
    default: 'half of the memory',
    doc: 'Memory that all workers together may hold, at least 64MB and at most all that there is, beside max the bound of their number; too much and the system kills processes, too little and tasks wait in the queue.',
  }),
  quantum: duration(1, {
    default: '50ms',
    doc: 'Run time, less what it waited for a CPU, after which a task counts as long and another worker takes the place of its own, less than the deadline; too short makes short tasks long ones, too long lets them wait.',
  }),
  floor: share({
    default: '10%',
    doc: 'Share of the CPUs that long tasks keep however many short ones there are; a large share makes the short ones slower.',
  }),
  deadline: duration(1, {
    default: '30s',
    doc: 'Longest run of one task, time in the queue not counted; too short kills honest work with a 504, too long lets hung tasks hold workers.',
  }),
  slow: duration(0, {
    default: 'half of the deadline, at most 5s',
    doc: 'Run time after which a task is reported once, with the stack of what it does; 0 is off, and then a hang leaves no trace of where.',
  }),
  queue: count(0, {
    default: '16 x max',
    doc: 'Most tasks that wait for a worker, more get a 503; too large makes clients wait for answers they no longer want. Unless it is set, fewer may wait where all CPUs are busy.',
  }),
  queueTimeout: duration(1, {
    default: '10s',
    doc: 'Longest wait of one task for a worker, after which it gets a 503; too short turns away what a moment later had been served.',
  }),
  idleTimeout: duration(0, {
    default: '1m',
    doc: 'Time after which an idle worker beyond min and spares ends; too short makes workers boot again and again.',
  }),
  maxRequests: count(0, {
    default: '0, off',
    doc: 'Tasks after which a worker is replaced, spread by 10 %; a small number spends the CPU on booting.',
  }),
  maxMemory: size(0, Number.MAX_SAFE_INTEGER, {
    default: '0, off',
    doc: 'Resident memory at which a worker is replaced after its task, and killed at twice as much; less than the handler needs (Node alone takes about 50MB) replaces workers without end.',
  }),
  maxBody: size(0, Number.MAX_SAFE_INTEGER, {
    default: '100MB',
    doc: 'Largest body of one request, more gets a 413; too large lets one client fill the memory of a worker.',
  }),
  maxHeader: size(KB, 2 ** 31 - 1, {
    default: '16KB',
    doc: 'Largest head (request line and headers) of one request, more gets a 431; too small refuses clients with long cookies.',
  }),
  headersTimeout: duration(1, {
    default: '15s',
    doc: 'Longest time for a client to send the head of a request; too long lets slow clients hold connections.',
  }),
  keepAliveTimeout: duration(1, {
    default: '65s',
    doc: 'Time an idle connection is kept; shorter than that of the proxy in front gives its clients a 502 now and then.',
  }),
  bootTimeout: duration(1, {
    default: '30s',
    doc: 'Longest boot of one worker, the loading of the handler included; too short and no worker ever gets ready.',
  }),
  shutdownTimeout: duration(0, {
    default: '25s',
    doc: 'Longest time to finish running tasks when the server ends, what still runs is cut off; longer than the patience of the supervisor (Kubernetes: 30 s) gets the server killed.',
  }),
  adminPort: port({
    default: 'off',
    doc: 'Port on 127.0.0.1 for the admin API and the dashboard, 0 for any free one; whoever may log in to the machine can read there what the server does, and needs the printed token to change anything.',
  }),
  socket: text({
    default: 'prefork-UID/PID.sock in $XDG_RUNTIME_DIR or the temporary folder',
    doc: 'Unix socket of the admin API, readable by its owner alone, or off; without it prefork ps, top and the others do not find the server.',
  }),
  health: boolean({
    default: 'false',
    doc: 'Answers /livez and /readyz on the main port as well, in front of the handler, which then never sees these paths.',
  }),
  incidents: text({
    default: 'off',
    doc: 'Folder for a JSON file of each incident, at most 1,000 of them and 100MB; without one they are kept in memory alone, and end with the server.',
  }),
  watch: boolean({
    default: 'false',
    doc: 'Reloads when a file of the handler changes, for development; each change boots all workers anew.',
  }),
  dev: boolean({
    default: 'false',
    doc: 'Shows messages and stacks of handler errors to clients; in production that tells attackers what the code looks like.',
  }),
  logLevel: choice(LOG_LEVELS, {
    default: 'info',
    doc: 'Least severe level that is logged to stderr; debug writes several lines a task, silent hides why the server fails.',
  }),
  serverTiming: boolean({
    default: 'true',
    doc: 'The header Server-Timing in each response, which tells clients how long a task waited and ran; the flag leaves it out.',
  }),
  workerHeader: boolean({
    default: 'true',
    doc: 'The header X-Worker in each response, whose pids tell clients how many workers there are and when they are replaced; the flag leaves it out.',
  }),
  config: text({
    default: 'prefork.config.{ts,js,mjs,json} in the working directory',
    doc: 'Config file to read, relative to the working directory; it can run code, so it must be as trusted as the handler.',
  }),
} as const satisfies Record<OptionName, Option<unknown>>;

/** The options without a value of their own when nobody sets them. */
export type UnsetOption = 'config' | 'cert' | 'key' | 'slow' | 'adminPort' | 'socket' | 'incidents';

/** The value of each option in base units: ms for durations, bytes for sizes. */
export type OptionValues = {
  -readonly [Name in OptionName]: (typeof OPTIONS)[Name] extends Option<infer Value> ? Value : never;
};

export type EffectiveValues = Omit<OptionValues, UnsetOption> & Partial<Pick<OptionValues, Exclude<UnsetOption, 'config'>>>;

export const OPTION_NAMES: readonly OptionName[] = Object.keys(OPTIONS).filter(isOptionName);

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** The flag of an option as it is mostly written: `--queue-timeout`, and `--no-server-timing` for what is on by default. */
export function flagOf(name: OptionName): string {
  const word = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const { kind, default: shown } = OPTIONS[name];
  return kind === 'boolean' && shown === 'true' ? `--no-${word}` : `--${word}`;
}

/** The environment variables that set an option, the strongest first: `PREFORK_MAX`, then `WEB_CONCURRENCY`. */
export function environmentNamesOf(name: OptionName): readonly [string, ...string[]] {
  const { environmentAlias }: Option<unknown> = OPTIONS[name];
  const own = `PREFORK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  return environmentAlias === undefined ? [own] : [own, environmentAlias];
}
