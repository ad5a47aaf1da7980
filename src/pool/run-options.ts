import { badOption } from '../config/bad-option.ts';
import type { Duration } from '../config/duration.ts';
import { isPlainObject } from '../config/plain-object.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { parseLasting } from './pool-options.ts';

/** What can be said of one call. */
export interface RunOptions {
  /**
   * Gives the call up when it aborts: its promise is rejected with the reason at once. A call that waits is never begun; one that runs is
   * told, and when it does not end within half a second its worker is ended, in whatever loop it is. No other call is touched.
   */
  readonly signal?: AbortSignal | undefined;
  /** Longest run of this call, in place of the pool's. */
  readonly deadline?: Duration | undefined;
  /** -10 to 10; each step counts as a second of waiting. Default 0. */
  readonly priority?: number | undefined;
  /** Calls of the same key are expected to take equally long. Default the name of the function. */
  readonly key?: string | undefined;
  /** Whether it may be run once more when its worker ended; in place of the pool's. */
  readonly idempotent?: boolean | undefined;
  /** ArrayBuffers among the arguments whose memory is given away, in place of a copy of it: they have no length afterwards. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
  /** Gets what the function says with `report()` of `prefork/worker`. What it throws is thrown out of the event loop, as in a listener. */
  readonly onReport?: ((value: unknown) => void) | undefined;
}

/** `RunOptions`, checked. */
export interface RunSettings {
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number | undefined;
  readonly priority: number;
  readonly key: string | undefined;
  readonly idempotent: boolean | undefined;
  readonly given: ReadonlySet<ArrayBuffer> | undefined;
  readonly onReport: ((value: unknown) => void) | undefined;
}

const KNOWN: readonly string[] = [
  'signal',
  'deadline',
  'priority',
  'key',
  'idempotent',
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
  const { signal, deadline, priority = 0, key, idempotent, transfer, onReport }: RunOptions = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw badOption('signal', signal, 'an AbortSignal');
  if (!(typeof priority === 'number' && Number.isInteger(priority) && Math.abs(priority) <= 10))
    throw badOption('priority', priority, 'a whole number from -10 to 10');
  if (key !== undefined && typeof key !== 'string') throw badOption('key', key, 'a text');
  if (idempotent !== undefined && typeof idempotent !== 'boolean') throw badOption('idempotent', idempotent, 'true or false');
  if (transfer !== undefined && !(Array.isArray(transfer) && transfer.every((each) => each instanceof ArrayBuffer)))
    throw badOption('transfer', transfer, 'a list of ArrayBuffers');
  if (onReport !== undefined && typeof onReport !== 'function') throw badOption('onReport', onReport, 'a function');
  return {
    signal,
    deadlineMs: deadline === undefined ? undefined : parseLasting(deadline, 'deadline'),
    priority,
    key,
    idempotent,
    given: transfer === undefined ? undefined : new Set(transfer),
    onReport,
  };
}

export const NO_OPTIONS: RunSettings = readRunOptions({});
