import * as v from 'valibot';
import type { ErrorClass } from '../channel/revive.ts';
import { badOption } from '../config/bad-option.ts';
import { checkMemory } from '../config/check-memory.ts';
import { type Duration, LONGEST_MS } from '../config/duration.ts';
import { nearest } from '../config/nearest.ts';
import { choice, count, duration, memory, size } from '../config/option-kinds.ts';
import { isPlainObject } from '../config/plain-object.ts';
import type { Size } from '../config/size.ts';
import { defaultMemory, type Machine, measureMachine } from '../config/sizing.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/**
 * Where a call runs. `reuse`: in a process that serves one call after the other. `fresh`: in a process of its own, booted ahead, which ends with it.
 * `thread`: in a worker thread that serves one call after the other. `inline`: in this very process.
 */
export type Isolation = 'reuse' | 'fresh' | 'thread' | 'inline';
export const ISOLATIONS = ['reuse', 'fresh', 'thread', 'inline'] as const satisfies readonly Isolation[];

/**
 * What `createPool` accepts. Durations are milliseconds or text such as `'30s'`, from 1 ms to 2^31-1 ms, or `Infinity` for never; sizes are
 * bytes or text such as `'512MB'`. What makes no sense, an unknown key too, is refused with ERR_BAD_OPTION.
 */
export interface PoolOptions {
  /**
   * Where a call runs. `reuse`: in processes that serve one call after the other. `fresh`: in a process of its own, booted ahead, which
   * ends with it. `thread`: as `reuse`, over worker threads. `inline`: right in this process, with copied values, for tests; what
   * computes there can not be ended. Default `'reuse'`. A single call can ask for another one.
   */
  readonly isolation?: Isolation | undefined;
  /** Workers kept alive even when idle, 0 to `max`; none of an isolation that only single calls ask for. Default 1. The first one is booted at once. */
  readonly min?: number | undefined;
  /** Most workers alive at once, of each isolation that is used; at least 1. Default the CPUs that this process may use, at least 2. */
  readonly max?: number | undefined;
  /** Booted workers kept free beside the busy ones, 0 to `max`. Default 1. */
  readonly spares?: number | undefined;
  /** Most calls that wait while all workers that there may be are taken; more are rejected with ERR_QUEUE_FULL. Default 100,000. */
  readonly queue?: number | undefined;
  /** Longest wait of a call for a worker; then it is rejected with ERR_QUEUE_TIMEOUT. Default never. */
  readonly queueTimeout?: Duration | undefined;
  /** Longest run of a call; then its worker is ended and it is rejected with ERR_DEADLINE. Default 30 s. `Infinity` for never. */
  readonly deadline?: Duration | undefined;
  /** Whether a call may be run once more when its worker ended through no fault that is known of the call's. Default false. */
  readonly idempotent?: boolean | undefined;
  /** How often a call that is idempotent may be. Default 1; more than 0 says that calls are idempotent, 0 that none is. */
  readonly retries?: number | undefined;
  /**
   * Calls that one worker may run at once, for functions that wait rather than compute. A call that is given up is told, and its worker ended
   * at its deadline alone while others run in it. Default 1.
   */
  readonly concurrency?: number | undefined;
  /** Time after which an idle worker beyond `min` and `spares` ends. Default 60 s. */
  readonly idleTimeout?: Duration | undefined;
  /** Calls after which a worker is replaced, spread by up to 10 %; 0 is off. Default 0. */
  readonly maxTasks?: number | undefined;
  /** Resident memory (of a thread, its heap) at which a worker is replaced after its call, and ended at twice as much; 0 is off. Default 0. */
  readonly maxMemory?: Size | undefined;
  /** Memory that all workers together may hold, from 64 MB to that of this machine or cgroup; beside `max` it bounds how many there are. Default half of that. */
  readonly memory?: Size | undefined;
  /** Longest boot of a worker, the loading of the module and its `setup()` included. Default 30 s. */
  readonly bootTimeout?: Duration | undefined;
  /** What `setup()` gets and `workerData()` of `prefork/worker` returns; copied to each worker, at most 512 KB. */
  readonly workerData?: unknown;
  /** Environment variables beside those of this process; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Node's flags for the workers. Default those of this process, without inspector, loaders and the like. */
  readonly execArgv?: readonly string[] | undefined;
  /** Working directory of worker processes. Default that of this process; threads always have that. */
  readonly cwd?: string | undefined;
  /** Classes of errors that the functions throw: they arrive as instances of these. They are found by their names. */
  readonly errors?: readonly ErrorClass[] | undefined;
}

/** The options in base units. */
export interface PoolSettings {
  readonly isolation: Isolation;
  readonly min: number;
  readonly max: number;
  readonly spares: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly deadlineMs: number;
  readonly deadlineIsExplicit: boolean;
  readonly idempotent: boolean | undefined;
  readonly retries: number | undefined;
  readonly concurrency: number;
  readonly idleTimeoutMs: number;
  readonly maxTasks: number;
  readonly maxMemoryBytes: number;
  readonly memoryBytes: number;
  readonly bootTimeoutMs: number;
  readonly cpus: number;
}

const TEXTS = { default: '', doc: '' };
const MOST_RETRIES = 1000;
/** As many as `claims.ts` has room for, and half of that for those that are taken back. */
const MOST_AT_ONCE = 512;
const MOST_BYTES = 2 ** 53 - 1;

const SCHEMAS = {
  isolation: choice(ISOLATIONS, TEXTS).schema,
  min: count(0, TEXTS).schema,
  max: count(1, TEXTS).schema,
  spares: count(0, TEXTS).schema,
  queue: count(0, TEXTS).schema,
  queueTimeout: lasting(),
  deadline: lasting(),
  idempotent: v.pipe(v.unknown(), v.boolean('true or false')),
  retries: count(0, TEXTS, MOST_RETRIES).schema,
  concurrency: count(1, TEXTS, MOST_AT_ONCE).schema,
  idleTimeout: lasting(),
  maxTasks: count(0, TEXTS).schema,
  maxMemory: size(0, MOST_BYTES, TEXTS).schema,
  memory: memory(TEXTS).schema,
  bootTimeout: lasting(),
  workerData: v.unknown(),
  env: v.pipe(
    v.unknown(),
    v.check(
      (value) => isPlainObject(value) && Object.values(value).every((text) => text === undefined || typeof text === 'string'),
      'an object of texts',
    ),
  ),
  execArgv: v.array(v.string('texts'), 'a list of texts'),
  cwd: v.pipe(v.unknown(), v.string('the path of a folder')),
  errors: v.array(
    v.custom<ErrorClass>((value) => typeof value === 'function' && value.prototype instanceof Error, 'classes that extend Error'),
    'a list of classes that extend Error',
  ),
} as const satisfies Record<keyof PoolOptions, v.GenericSchema>;

/** A duration, or `Infinity`: no timer of Node is longer than the longest duration. */
function lasting(): v.GenericSchema<unknown, number> {
  return v.pipe(
    v.unknown(),
    v.transform((value) => (value === Number.POSITIVE_INFINITY ? LONGEST_MS : value)),
    duration(1, TEXTS).schema,
  );
}

/** @throws PreforkError ERR_BAD_OPTION */
export function parseRetries(value: unknown): number {
  return parse(SCHEMAS.retries, value, 'retries');
}

/** @throws PreforkError ERR_BAD_OPTION */
export function parseIsolation(value: unknown): Isolation {
  return parse(SCHEMAS.isolation, value, 'isolation');
}

/** @throws PreforkError ERR_BAD_OPTION */
export function parseLasting(value: unknown, label: string): number {
  return parse(SCHEMAS.deadline, value, label);
}

function parse<Value>(schema: v.GenericSchema<unknown, Value>, value: unknown, label: string): Value {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw badOption(label, value, parsed.issues[0].message);
  return parsed.output;
}

/** @throws PreforkError ERR_BAD_OPTION */
export function readPoolOptions(options: unknown, machine: Machine = measureMachine()): PoolSettings {
  if (!isPlainObject(options)) throw badOption('options', options, 'an object');
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(SCHEMAS, key)) continue;
    const near = nearest(key, Object.keys(SCHEMAS));
    const instead = near === undefined ? `one of ${Object.keys(SCHEMAS).join(', ')}` : near;
    throw new PreforkError('ERR_BAD_OPTION', `options: found the unknown option ${JSON.stringify(key)}, expected ${instead}`);
  }
  const given = <Key extends keyof typeof SCHEMAS>(key: Key): v.InferOutput<(typeof SCHEMAS)[Key]> | undefined =>
    options[key] === undefined
      ? undefined
      : (parse(SCHEMAS[key] as v.GenericSchema, options[key], key) as v.InferOutput<(typeof SCHEMAS)[Key]>);
  for (const key of ['env', 'execArgv', 'cwd', 'errors'] as const) given(key);
  const budget = given('memory');
  if (budget !== undefined) checkMemory(budget, machine, 'memory');
  const max = given('max') ?? Math.max(2, Math.ceil(machine.cpus));
  const [min, spares] = [atMost('min', given('min'), 1, max), atMost('spares', given('spares'), 1, max)];
  return {
    isolation: given('isolation') ?? 'reuse',
    min,
    max,
    spares,
    queueLimit: given('queue') ?? 100_000,
    queueTimeoutMs: given('queueTimeout') ?? LONGEST_MS,
    deadlineMs: given('deadline') ?? 30_000,
    deadlineIsExplicit: options['deadline'] !== undefined,
    idempotent: given('idempotent'),
    retries: given('retries'),
    concurrency: given('concurrency') ?? 1,
    idleTimeoutMs: given('idleTimeout') ?? 60_000,
    maxTasks: given('maxTasks') ?? 0,
    maxMemoryBytes: given('maxMemory') ?? 0,
    memoryBytes: budget ?? defaultMemory(machine),
    bootTimeoutMs: given('bootTimeout') ?? 30_000,
    cpus: machine.cpus,
  };
}

function atMost(name: string, value: number | undefined, otherwise: number, max: number): number {
  if (value !== undefined && value > max)
    throw new PreforkError('ERR_BAD_OPTION', `${name}: found ${value}, expected at most ${max}, the value of max`);
  return value ?? Math.min(otherwise, max);
}
