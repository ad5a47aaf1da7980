import type { Machine } from '../report/machine.ts';
import type { Spread } from '../report/statistics.ts';
import type { Contender } from './contenders.ts';

export const WORKERS = 2;

export interface Load {
  readonly task: 'next' | 'total' | 'stamp';
  readonly inFlight: number;
  readonly what: string;
}

export const LOADS: readonly Load[] = [
  { task: 'next', inFlight: 64, what: 'n + 1, 64 in flight' },
  { task: 'next', inFlight: 1, what: 'n + 1, one at a time' },
  { task: 'total', inFlight: 64, what: '1 KB object, 64 in flight' },
  { task: 'total', inFlight: 1, what: '1 KB object, one at a time' },
  { task: 'stamp', inFlight: 64, what: '1 MB both ways, 64 in flight' },
  { task: 'stamp', inFlight: 1, what: '1 MB both ways, one at a time' },
];

/** What one process printed; times of a task from the call to the result, CPU time that of the calling process, a task. */
export interface Sample {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicros: number;
  readonly rssBytes: number;
  /** By so much its resident memory was larger at most while it was measured. */
  readonly grownBytes: number;
}

export interface PoolFigure {
  readonly contender: string;
  readonly load: string;
  readonly samples: readonly Sample[];
  readonly perSecond: Spread;
  /** What the process said in place of figures. */
  readonly failure: string | null;
}

export interface PoolResults {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly seconds: number;
  readonly contenders: readonly Contender[];
  readonly figures: readonly PoolFigure[];
}
