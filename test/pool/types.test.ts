import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pool } from '../../src/pool/create-pool.ts';
import type { Crossing, FunctionName } from '../../src/pool/functions.ts';

interface Functions {
  isPrime(n: number): boolean;
  primes(range: { readonly from: number; readonly to?: number }): Promise<number[]>;
  visit(options: { readonly each: (n: number) => void; readonly name: string }): void;
  hash(data: Uint8Array, at?: Date): Promise<Buffer>;
  anything(value: unknown): unknown;
  setup(): void;
  teardown(): void;
  readonly config: { readonly deadline: string };
  readonly answer: number;
}

/** Each can stand for the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

function same<A, B>(proof: Same<A, B>): void {
  assert.equal(proof, true);
}

/** Is compiled and never called: what it says is checked by the compiler alone. */
async function typed(pool: Pool<Functions>): Promise<void> {
  const prime: boolean = await pool.call.isPrime(7);
  const primes: number[] = await pool.run('primes', [{ from: 1, to: 9 }], { deadline: '5s', priority: 1, key: 'p' });
  const hash: Buffer = await pool.call.hash(new Uint8Array(1), new Date());
  await pool.call.anything({ whatever: 1 });
  // @ts-expect-error: of the wrong type
  await pool.call.isPrime('7');
  // @ts-expect-error: too many
  await pool.call.isPrime(7, 8);
  // @ts-expect-error: missing
  await pool.run('isPrime', []);
  // @ts-expect-error: no such function
  await pool.run('isprime', [7]);
  // @ts-expect-error: not a function
  await pool.call.answer();
  // @ts-expect-error: for prefork itself
  await pool.call.setup();
  // @ts-expect-error: a function can not cross, wherever it is
  await pool.call.visit({ each: () => {}, name: 'x' });
  // @ts-expect-error: the result is a promise
  const notAwaited: boolean = pool.call.isPrime(7);
  void [prime, primes, hash, notAwaited];
}

test('the types of a pool are those of its module', () => {
  same<FunctionName<Functions>, 'isPrime' | 'primes' | 'visit' | 'hash' | 'anything'>(true);
  same<FunctionName<typeof import('../fixtures/pool/primes.ts')>, 'isPrime' | 'primesIn'>(true);
  same<Crossing<[Date, Map<string, number>, Uint8Array, unknown]>, [Date, Map<string, number>, Uint8Array, unknown]>(true);
  same<Crossing<{ a: { b?: readonly string[] } }>, { a: { b?: readonly string[] } }>(true);
  assert.equal(typed.length, 1);
});
