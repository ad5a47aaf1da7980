import { badOption } from '../config/bad-option.ts';
import { checkTogether } from '../config/check-together.ts';
import { withDefaults } from '../config/defaults.ts';
import type { Duration } from '../config/duration.ts';
import { nearest } from '../config/nearest.ts';
import { OPTION_NAMES } from '../config/options.ts';
import { isPlainObject } from '../config/plain-object.ts';
import { parsePriority } from '../config/priority.ts';
import { readLayer } from '../config/read-layer.ts';
import type { ServeOptions } from '../config/serve-options.ts';
import type { Settings } from '../config/settings.ts';
import { measureMachine } from '../config/sizing.ts';
import { showValue } from '../config/show-value.ts';
import { toSettings } from '../config/to-settings.ts';
import { PreforkError } from '../errors/prefork-error.ts';

const SHARED = [
  'min',
  'max',
  'spares',
  'concurrency',
  'memory',
  'quantum',
  'floor',
  'deadline',
  'slow',
  'queue',
  'queueTimeout',
  'idleTimeout',
  'maxRequests',
  'maxMemory',
  'maxBody',
  'bootTimeout',
  'shutdownTimeout',
] as const satisfies readonly (keyof ServeOptions)[];

const OF_ROUTES = ['deadline', 'priority', 'context'] as const satisfies readonly (keyof RouteOptions)[];

/** What can be said of one route of a pool that several routes share. */
export interface RouteOptions {
  /** Longest run of a task, at least 1 ms; then its worker is killed, and the app gets an error with status 504. */
  readonly deadline?: Duration | undefined;
  /** -10 to 10; each step counts as a second of waiting for a worker. Wins over `config.priority` of the module, which holds where it is left out. */
  readonly priority?: number | undefined;
  /**
   * What the handler is to know beside the request, such as who is logged in: gets what the framework gives to its handlers (`req`, Koa's and
   * Hono's context, Fastify's request, h3's event, the Request), and returns a value that can be copied, or a promise of
   * one. `offloaded(request).context` in the worker.
   */
  context?(request: unknown): unknown;
}

/**
 * What `offload` accepts: options of `serve` that are about workers and tasks, with the same meaning, limits and defaults, but `spares`,
 * which is 1. They come from here alone: neither the environment nor a config file is asked.
 */
export interface OffloadOptions extends RouteOptions, Pick<ServeOptions, (typeof SHARED)[number]> {
  /** `pool`: processes that are used again and again. `fork`: a fresh process for each request. `thread`: worker threads. Default `pool`. */
  readonly mode?: 'pool' | 'fork' | 'thread' | undefined;
}

/** Of one route, checked. */
export interface RouteSettings {
  /** In place of that of the pool, ms. */
  readonly deadlineMs: number | undefined;
  /** In place of what the module says. */
  readonly priority: number | undefined;
  readonly context: ((request: unknown) => unknown) | undefined;
}

export interface OffloadSettings extends RouteSettings {
  /** `entry` is empty: it is known when the file was found. */
  readonly pool: Settings;
}

/** @throws PreforkError ERR_BAD_OPTION */
export function readOffloadOptions(options: unknown): OffloadSettings {
  const given = known(options, [...SHARED, 'mode', 'priority', 'context']);
  const { priority, context, ...rest } = given;
  if (rest['mode'] !== undefined && !['pool', 'fork', 'thread'].includes(rest['mode'] as string))
    throw badOption('mode', rest['mode'], 'pool, fork or thread');
  const refused = OPTION_NAMES.filter((name) => name !== 'mode' && !(SHARED as readonly string[]).includes(name));
  const layer = readLayer(rest, 'options', (name) => name, refused);
  const machine = measureMachine();
  const values = withDefaults({ serverTiming: false, workerHeader: false, ...layer }, machine);
  const spares = layer.spares ?? Math.min(1, values.max);
  checkTogether({ ...values, spares }, machine, (name) => (layer[name] === undefined ? undefined : name));
  const pool = toSettings('', { ...values, spares }, (name) => layer[name] !== undefined, machine.cpus);
  return { pool, deadlineMs: undefined, priority: readPriority(priority), context: readContext(context) };
}

/** @throws PreforkError ERR_BAD_OPTION */
export function readRouteOptions(options: unknown): RouteSettings {
  const { deadline, priority, context } = known(options, OF_ROUTES);
  const layer = readLayer({ deadline }, 'options', (name) => name);
  return { deadlineMs: layer.deadline, priority: readPriority(priority), context: readContext(context) };
}

function readPriority(priority: unknown): number | undefined {
  return priority === undefined ? undefined : parsePriority(priority, 'priority');
}

function readContext(context: unknown): RouteSettings['context'] {
  if (context !== undefined && typeof context !== 'function')
    throw badOption('context', context, 'a function that gets the request');
  return context as RouteSettings['context'];
}

function known(options: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isPlainObject(options)) throw badOption('options', options, 'an object');
  for (const key of Object.keys(options)) {
    if (names.includes(key)) continue;
    const expected = nearest(key, names) ?? `one of ${names.join(', ')}`;
    throw new PreforkError('ERR_BAD_OPTION', `options: found the unknown option ${showValue(key)}, expected ${expected}`);
  }
  return options;
}
