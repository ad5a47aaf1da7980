import type { TestContext } from 'node:test';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createPool, type Pool } from '../../src/pool/create-pool.ts';
import type { PoolOptions } from '../../src/pool/pool-options.ts';
import { root } from '../support/paths.ts';

/** What `test/fixtures/pool/functions.mjs` exports. */
export interface Functions {
  add(a: number, b: number): number;
  echo(value: unknown): unknown;
  count(...args: unknown[]): number;
  pid(): Promise<number>;
  where(): { pid: number; threadId: number; served: number };
  surroundings(): { cwd: string; mark: string | undefined; argv: string[]; data: unknown; givenToSetup: unknown };
  nothing(): void;
  bad(): unknown;
  bytes(length: number): Buffer;
  give(length: number): { memory: ArrayBuffer };
  loop(file: string): never;
  waits(file: string): Promise<void>;
  until(file: string): Promise<string>;
  dies(file: string, times?: number): number;
  untilThen(file: string, then: string): Promise<void>;
  reports(count: number): string;
  reportsTooMuch(): void;
  throws(what: string): never;
  marks(file: string, text: string): string;
  marksThen(file: string, text: string, then: string): string;
}

export function fixture(name: string): URL {
  return pathToFileURL(join(root, 'test', 'fixtures', 'pool', name));
}

/** A pool of the functions, which is closed after the test whatever becomes of it. */
export function poolFor(t: TestContext, options: PoolOptions = {}, name = 'functions.mjs'): Pool<Functions> {
  const pool = createPool<Functions>(fixture(name), { max: 1, ...options });
  t.after(() => pool.close({ force: true }));
  return pool;
}
