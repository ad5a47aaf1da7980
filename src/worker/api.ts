/**
 * `prefork/worker`: what the functions of a pool can ask for while they run. It is small, and loads nothing of the primary. Outside of a
 * worker there is nothing to ask: what is said there holds for a module that is tested by itself.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { giveResult } from './given-result.ts';
import { type CallContext, workerState } from './worker-state.ts';

const state = workerState();
const calls = (state.calls ??= new AsyncLocalStorage<CallContext>());
const never = new AbortController().signal;

/** The `workerData` option of the pool, a copy of it; undefined outside of a worker. */
export function workerData(): unknown {
  return state.workerData;
}

/** Aborts when nobody waits for the running call any more. Half a second later its worker ends. Outside of a call it never aborts. */
export function signal(): AbortSignal {
  return calls.getStore()?.signal ?? never;
}

/**
 * Tells the caller how far the running call is: `onReport` of its options gets a copy of the value. Outside of a call nothing happens.
 *
 * @throws Error ERR_NOT_CLONEABLE when the value can not be copied, ERR_TOO_LARGE when it does not fit into a frame (1 MB)
 */
export function report(value: unknown): void {
  calls.getStore()?.report(value);
}

/**
 * Returned from a function it gives the memory of ArrayBuffers in the result away, in place of a copy of it. They have no length
 * afterwards.
 */
export function transfer<T>(value: T, given: readonly ArrayBuffer[]): T {
  return giveResult(value, given) as T;
}
