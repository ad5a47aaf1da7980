import { setTimeout as delay } from 'node:timers/promises';
import type { Incidents, State } from '../../admin/api.ts';
import type { AdminClient } from '../../admin/client.ts';
import { printable } from '../../text/printable.ts';
import { remember, type Sample } from './rates.ts';
import { nowMs } from './run-screen.ts';
import { snapshot } from './view.ts';

const EVERY_MS = 1000;
/** Causes that are shown, those of the newest incidents first. */
const MOST_CAUSES = 5;

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
    const state = await unless(over, client.get<State>('/api/state', { signal: over }));
    if (state === undefined) return;
    const causes = isJson || state.totals.incidents === 0 ? '' : await causesOf(client, over);
    const atMs = nowMs();
    if (isJson) process.stdout.write(`${isWatching ? JSON.stringify(state) : JSON.stringify(state, null, 2)}\n`);
    else process.stdout.write(`${count > 0 ? '\n' : ''}${snapshot(state, past, atMs)}\n${causes}`);
    past = remember(past, state, atMs);
    if (!isWatching) return;
    await delay(EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

/** An end in the middle of a question is an end like any other. */
async function unless<T>(over: AbortSignal, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (over.aborted) return undefined;
    throw error;
  }
}

/** What went wrong and where, a line a cause. */
async function causesOf(client: AdminClient, over: AbortSignal): Promise<string> {
  const { groups } = (await unless(over, client.get<Incidents>('/api/incidents', { signal: over }))) ?? { groups: [] };
  return groups
    .slice(0, MOST_CAUSES)
    .map(({ count, title }) => `incident ${count > 1 ? `${count} times ` : ''}${printable(title).replaceAll('\n', ' ')}\n`)
    .join('');
}
