import type { MessagePort as Port } from 'node:worker_threads';
import { badOption } from '../config/bad-option.ts';
import type { Duration } from '../config/duration.ts';
import { isPlainObject } from '../config/plain-object.ts';
import { parsePriority } from '../config/priority.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { type Isolation, parseIsolation, parseLasting, parseRetries } from './pool-options.ts';

/** What can be said of one call. */
export interface RunOptions {
  /**
   * Gives the call up when it aborts: its promise is rejected with the reason at once. A call that waits is never begun; one that runs is
   * told, and has half a second to end by itself before its worker is ended. One that computes hears of nothing: its worker is ended when its event loop has
   * not turned for 30 ms. No other call is touched.
   */
  readonly signal?: AbortSignal | undefined;
  /** Longest run of this call, in place of the pool's. */
  readonly deadline?: Duration | undefined;
  /** -10 to 10; each step counts as a second of waiting. Default 0. */
  readonly priority?: number | undefined;
  /** Calls of the same key are expected to take equally long. Default the name of the function. */
  readonly key?: string | undefined;
  /** Where this call runs, in place of the pool's `isolation`: in workers of that kind, beside the pool's own. */
  readonly isolation?: Isolation | undefined;
  /** Whether it may be run once more when its worker ended; in place of the pool's. */
  readonly idempotent?: boolean | undefined;
  /** How often it may be, after its worker ended; in place of the pool's. Default 1; more than 0 says that it is idempotent. */
  readonly retries?: number | undefined;
  /**
   * ArrayBuffers among the arguments whose memory is given away, in place of a copy of it: they have no length afterwards. Message ports
   * may stand here too; they are always given away.
   */
  readonly transfer?: readonly (ArrayBuffer | Port)[] | undefined;
  /** Gets what the function says with `report()` of `prefork/worker`. What it throws is thrown out of the event loop, as in a listener. */
  readonly onReport?: ((value: unknown) => void) | undefined;
}

/** `RunOptions`, checked. */
export interface RunSettings {
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number | undefined;
  readonly priority: number;
  readonly key: string | undefined;
  readonly isolation: Isolation | undefined;
  readonly idempotent: boolean | undefined;
  readonly retries: number | undefined;
  readonly given: ReadonlySet<ArrayBuffer> | undefined;
  readonly onReport: ((value: unknown) => void) | undefined;
}

const KNOWN: readonly string[] = [
  'signal',
  'deadline',
  'priority',
  'key',
  'isolation',
  'idempotent',
  'retries',
  'transfer',
  'onReport',
] satisfies (keyof RunOptions)[];

/** @throws PreforkError ERR_BAD_OPTION */
export function readRunOptions(options: RunOptions): RunSettings {
  if (!isPlainObject(options)) throw badOption('options', options, 'an object');
  for (const key of Object.keys(options)) {
    if (KNOWN.includes(key)) continue;
    const found = `options: found the unknown option ${JSON.stringify(key)}`;
    throw new PreforkError('ERR_BAD_OPTION', `${found}, expected one of ${KNOWN.join(', ')}`);
  }
  const { signal, deadline, priority = 0, key, isolation, idempotent, retries, transfer, onReport }: RunOptions = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw badOption('signal', signal, 'an AbortSignal');
  if (key !== undefined && typeof key !== 'string') throw badOption('key', key, 'a text');
  if (idempotent !== undefined && typeof idempotent !== 'boolean') throw badOption('idempotent', idempotent, 'true or false');
  if (
    transfer !== undefined &&
    !(Array.isArray(transfer) && transfer.every((each) => each instanceof ArrayBuffer || each instanceof MessagePort))
  )
    throw badOption('transfer', transfer, 'a list of ArrayBuffers and MessagePorts');
  if (onReport !== undefined && typeof onReport !== 'function') throw badOption('onReport', onReport, 'a function');
  return {
    signal,
    deadlineMs: deadline === undefined ? undefined : parseLasting(deadline, 'deadline'),
    priority: parsePriority(priority, 'priority'),
    key,
    isolation: isolation === undefined ? undefined : parseIsolation(isolation),
    idempotent,
    retries: retries === undefined ? undefined : parseRetries(retries),
    given: transfer === undefined ? undefined : new Set(transfer.filter((each) => each instanceof ArrayBuffer)),
    onReport,
  };
}

export const NO_OPTIONS: RunSettings = readRunOptions({});
