import { setTimeout as delay } from 'node:timers/promises';
import type { State } from '../../admin/api.ts';
import type { AdminClient } from '../../admin/client.ts';
import { remember, type Sample } from './rates.ts';
import { nowMs } from './run-screen.ts';
import { snapshot } from './view.ts';

const EVERY_MS = 1000;

export interface PlainOptions {
  /** Again every second, until the signal aborts or nobody reads any more. */
  readonly isWatching: boolean;
  readonly isJson: boolean;
}

/** `top` without a terminal: lines, or JSON. */
export async function runPlain(client: AdminClient, { isWatching, isJson }: PlainOptions, signal: AbortSignal): Promise<void> {
  const reader = new AbortController();
  // main.ts lets a broken pipe pass.
  process.stdout.once('error', () => reader.abort());
  const over = AbortSignal.any([signal, reader.signal]);
  let past: readonly Sample[] = [];
  for (let count = 0; !over.aborted; count += 1) {
    const state = await stateUnless(over, client);
    if (state === undefined) return;
    const atMs = nowMs();
    if (isJson) process.stdout.write(`${isWatching ? JSON.stringify(state) : JSON.stringify(state, null, 2)}\n`);
    else process.stdout.write(`${count > 0 ? '\n' : ''}${snapshot(state, past, atMs)}\n`);
    past = remember(past, state, atMs);
    if (!isWatching) return;
    await delay(EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

/** An end in the middle of a question is an end like any other. */
async function stateUnless(over: AbortSignal, client: AdminClient): Promise<State | undefined> {
  try {
    return await client.get<State>('/api/state', { signal: over });
  } catch (error) {
    if (over.aborted) return undefined;
    throw error;
  }
}
