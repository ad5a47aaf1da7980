import type { State, Totals } from '../../admin/api.ts';

export type Rates = Readonly<Record<keyof Totals, number>>;

interface Sample {
  readonly server: string;
  readonly atMs: number;
  readonly totals: Totals;
}

/** Over so much of the past, at the most, tasks per second are taken. */
const WINDOW_MS = 5000;
const SHORTEST_MS = 400;
const NAMES = ['admitted', 'completed', 'failed', 'crashed', 'timedOut', 'cancelled', 'rejected', 'incidents'] as const;

/** The past that rates need, with one more state. A server that was started anew begins at zero, and so does its past. */
export function remember(past: readonly Sample[], { server, totals }: State, atMs: number): readonly Sample[] {
  const name = `${server.pid} ${server.startedAt}`;
  const known = past.filter((sample) => sample.server === name && atMs - sample.atMs <= WINDOW_MS);
  return [...known, { server: name, atMs, totals }];
}

/** Tasks per second; null while too little is known. */
export function ratesOf(past: readonly Sample[]): Rates | null {
  const first = past[0];
  const last = past.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < SHORTEST_MS) return null;
  const seconds = (last.atMs - first.atMs) / 1000;
  const rate = (name: keyof Totals): number => Math.max(0, last.totals[name] - first.totals[name]) / seconds;
  return Object.fromEntries(NAMES.map((name) => [name, rate(name)])) as Rates;
}

export type { Sample };
