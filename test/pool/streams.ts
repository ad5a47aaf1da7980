import type { TestContext } from 'node:test';
import { createPool, type Pool } from '../../src/pool/create-pool.ts';
import type { PoolOptions } from '../../src/pool/pool-options.ts';
import { fixture } from './pools.ts';

/** What `test/fixtures/pool/streams.mjs` exports. */
export interface StreamFunctions {
  madeSoFar(): number;
  pid(): number;
  add(a: number, b: number): number;
  countUp(file: string): AsyncGenerator<number>;
  upTo(last: number): AsyncGenerator<number>;
  generated(...values: unknown[]): Generator;
  promised(values: readonly number[]): Promise<AsyncIterable<{ value: number }>>;
  readable(count: number, size: number): ReadableStream<Uint8Array>;
  throwsAfter(count: number): AsyncGenerator<number>;
  yieldsFunction(): AsyncGenerator;
  givesAway(file: string): AsyncGenerator<Uint8Array>;
  loops(file: string): AsyncGenerator<string>;
  blocksUntil(file: string): AsyncGenerator<number>;
  dies(): AsyncGenerator<number>;
  array(): unknown;
  sum(values: AsyncIterable<number>, times?: number): number;
  join(first: AsyncIterable<string>, separator: string, second: AsyncIterable<string>): string;
  kindOf(values: unknown): string;
  takes(values: AsyncIterable<number>, count: number): number[];
  bytesOf(values: AsyncIterable<Uint8Array>): number;
  hears(values: AsyncIterable<unknown>): string;
  double(values: AsyncIterable<number>): AsyncGenerator<number>;
  waits(values: AsyncIterable<number>, file: string): void;
}

export function streamsFor(t: TestContext, options: PoolOptions = {}): Pool<StreamFunctions> {
  const pool = createPool<StreamFunctions>(fixture('streams.mjs'), { max: 1, ...options });
  t.after(() => pool.close({ force: true }));
  return pool;
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

/** A source that says how far it was read and whether it was ended. */
export function source(last = Number.POSITIVE_INFINITY): {
  values: AsyncGenerator<number>;
  seen: { made: number; ended: boolean };
} {
  const seen = { made: 0, ended: false };
  async function* make(): AsyncGenerator<number> {
    try {
      while (seen.made < last) {
        seen.made += 1;
        yield seen.made;
      }
    } finally {
      seen.ended = true;
    }
  }
  return { values: make(), seen };
}

export const range = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
