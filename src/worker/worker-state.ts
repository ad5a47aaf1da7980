import type { AsyncLocalStorage } from 'node:async_hooks';

/** What a running call offers to the functions of `api.ts`. */
export interface CallContext {
  readonly signal: AbortSignal;
  report(value: unknown): void;
}

export interface WorkerState {
  workerData: unknown;
  /** Set when the user's module has loaded `api.ts`: nobody else pays for it. */
  calls: AsyncLocalStorage<CallContext> | undefined;
}

const KEY = Symbol.for('prefork.worker-state');

/** One for the whole thread: the user's module may have loaded another copy of this file, out of a bundle. */
export function workerState(): WorkerState {
  const holder = globalThis as unknown as Record<symbol, WorkerState | undefined>;
  return (holder[KEY] ??= { workerData: undefined, calls: undefined });
}
