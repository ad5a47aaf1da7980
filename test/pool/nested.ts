import type { TestContext } from 'node:test';
import { createPool, type Pool } from '../../src/pool/create-pool.ts';
import type { PoolOptions } from '../../src/pool/pool-options.ts';
import { fixture } from './pools.ts';

/** What `test/fixtures/pool/nested.mjs` exports. */
export interface NestedFunctions {
  add(a: number, b: number): number;
  pid(): number;
  describe(file: { readonly name: string; readonly content: AsyncIterable<string> }): Promise<string>;
  same(values: unknown): Promise<unknown[]>;
  takeOf(parts: readonly AsyncIterable<number>[], counts: readonly number[]): Promise<number[]>;
  split(count: number): { evens: AsyncGenerator<number>; odds: AsyncGenerator<number>; count: number };
  endless(file: string): { first: AsyncGenerator<number>; second: AsyncGenerator<number> };
  places(): unknown;
  doubled(input: { readonly numbers: AsyncIterable<number> }): { doubled: AsyncGenerator<number> };
  chunks(
    count: number,
    size: number,
  ): { readonly name: string; readonly body: ReadableStream<Uint8Array>; readonly rest: Uint8Array };
  failing(): { fails: AsyncGenerator<number>; goes: AsyncGenerator<number> };
  looping(file: string): { values: AsyncGenerator<number> };
  dies(file: string): { values: AsyncGenerator<number> };
  refused(): unknown;
  cause(): unknown;
  late(file: string): Promise<{ values: AsyncGenerator<number> }>;
}

export function nestedFor(t: TestContext, options: PoolOptions = {}): Pool<NestedFunctions> {
  const pool = createPool<NestedFunctions>(fixture('nested.mjs'), { max: 1, ...options });
  t.after(() => pool.close({ force: true }));
  return pool;
}
