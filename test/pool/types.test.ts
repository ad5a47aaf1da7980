import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pool } from '../../src/pool/create-pool.ts';
import type { Crossing, FunctionName, StreamName } from '../../src/pool/functions.ts';
import type { CallStream } from '../../src/pool/result-stream.ts';

interface Functions {
  isPrime(n: number): boolean;
  primes(range: { readonly from: number; readonly to?: number }): Promise<number[]>;
  visit(options: { readonly each: (n: number) => void; readonly name: string }): void;
  hash(data: Uint8Array, at?: Date): Promise<Buffer>;
  anything(value: unknown): unknown;
  factors(n: bigint): AsyncGenerator<bigint, void>;
  each(n: number): Generator<Promise<number>>;
  later(n: number): Promise<AsyncIterable<{ readonly n: number }>>;
  body(path: string): ReadableStream<Uint8Array>;
  sum(values: AsyncIterable<number>, times?: number): number;
  hashOf(body: ReadableStream<Uint8Array>): Promise<string>;
  pipe(rows: AsyncIterable<{ readonly each: () => void }>): void;
  parse(file: import('node:stream').Readable): void;
  upload(file: {
    readonly name: string;
    readonly content: AsyncIterable<string>;
    readonly parts?: readonly ReadableStream<number>[];
  }): number;
  open(
    path: string,
  ): Promise<{ readonly size: number; readonly rows: AsyncGenerator<string>; readonly parts: ReadableStream<number>[] }>;
  tree(depth: number): Tree;
  matrix(): Matrix;
  // eslint-disable-next-line typescript/no-explicit-any -- of what JSON.parse() and its like return.
  parsed(text: string): any;
  crash(): never;
  listen(to: Map<string, () => void>): void;
  count(words: ReadonlyMap<string, number>, among: Set<string>): Map<string, number>;
  byName(): Map<string, AsyncGenerator<number>>;
  adder(): (n: number) => number;
  token(): Promise<symbol>;
  handlers(): AsyncGenerator<() => void>;
  setup(): void;
  teardown(): void;
  readonly config: { readonly deadline: string };
  readonly answer: number;
}

interface Tree {
  readonly children: readonly Tree[];
  readonly name?: string;
}

/** One that no other type can stand for. */
class Matrix {
  readonly #cells: readonly number[] = [];
  get cells(): readonly number[] {
    return this.#cells;
  }
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
  // @ts-expect-error: in a Map neither
  await pool.call.listen(new Map([['x', (): void => {}]]));
  // @ts-expect-error: nor out of a worker
  await pool.call.adder();
  // @ts-expect-error: a symbol as little
  await pool.run('token', []);
  // @ts-expect-error: nor one by one
  pool.stream.handlers();
  const counts: Map<string, number> = await pool.call.count(new Map([['x', 1]]), new Set(['x']));
  const text: string = await pool.call.parsed('"x"');
  const crashed = pool.call.crash();
  same<typeof crashed, Promise<never>>(true);
  // @ts-expect-error: the result is a promise
  const notAwaited: boolean = pool.call.isPrime(7);
  void [prime, primes, hash, counts, text, notAwaited];
}

async function streamed(pool: Pool<Functions>, numbers: AsyncIterable<number>, web: ReadableStream<Uint8Array>): Promise<void> {
  for await (const factor of pool.stream.factors(12n)) same<typeof factor, bigint>(true);
  for await (const n of pool.stream.each(3)) same<typeof n, number>(true);
  for await (const { n } of pool.runStream('later', [3], { priority: 1 })) same<typeof n, number>(true);
  const bytes: CallStream<Uint8Array> = pool.stream.body('x');
  for await (const value of pool.stream.anything(1)) same<typeof value, unknown>(true);
  const sum: number = await pool.call.sum(numbers, 2);
  await pool.call.sum(pool.stream.each(3));
  await pool.run('hashOf', [web]);
  // @ts-expect-error: it returns a stream
  await pool.call.factors(12n);
  // @ts-expect-error: it returns no stream
  pool.stream.isPrime(7);
  // @ts-expect-error: of the wrong type
  await pool.call.sum(pool.stream.factors(12n));
  // @ts-expect-error: a list is no stream
  await pool.call.sum([1, 2]);
  // @ts-expect-error: a stream of the web has more than an iterable
  await pool.call.hashOf(pool.stream.body('x'));
  // @ts-expect-error: a function can not cross, in a stream either
  await pool.call.pipe(yieldsFunctions());
  // @ts-expect-error: Node's own streams do not arrive as such
  await pool.call.parse(process.stdin);
  void [bytes, sum];
}

async function nested(pool: Pool<Functions>, texts: AsyncIterable<string>, numbers: ReadableStream<number>): Promise<void> {
  await pool.call.upload({ name: 'x', content: texts, parts: [numbers] });
  // @ts-expect-error: of the wrong type
  await pool.call.upload({ name: 'x', content: numbers });
  // @ts-expect-error: a list is no stream
  await pool.call.upload({ name: 'x', content: ['a'] });
  const { size, rows, parts } = await pool.call.open('x');
  for await (const row of rows) same<typeof row, string>(true);
  await rows.return();
  await rows[Symbol.asyncDispose]();
  same<typeof parts, ReadableStream<number>[]>(true);
  // @ts-expect-error: nothing can be thrown into what runs over there
  await rows.throw(new Error('x'));
  for await (const n of (await pool.call.byName()).get('x') ?? []) same<typeof n, number>(true);
  await (await pool.call.byName()).get('x')?.return();
  const tree: Tree = await pool.call.tree(size);
  // What has no streams is left as it is.
  const matrix: Matrix = await pool.call.matrix();
  void [tree, matrix];
}

async function* yieldsFunctions(): AsyncGenerator<{ each: () => void }> {
  yield { each: () => {} };
}

test('the types of a pool are those of its module', () => {
  type Plain =
    | 'isPrime'
    | 'primes'
    | 'visit'
    | 'hash'
    | 'anything'
    | 'sum'
    | 'hashOf'
    | 'pipe'
    | 'parse'
    | 'upload'
    | 'open'
    | 'tree'
    | 'matrix'
    | 'parsed'
    | 'crash'
    | 'listen'
    | 'count'
    | 'byName';
  same<FunctionName<Functions>, Plain>(true);
  same<StreamName<Functions>, 'factors' | 'each' | 'later' | 'body' | 'anything' | 'parsed'>(true);
  same<FunctionName<typeof import('../fixtures/pool/primes.ts')>, 'isPrime' | 'primesIn'>(true);
  same<Crossing<[Date, Map<string, number>, Uint8Array, unknown]>, [Date, Map<string, number>, Uint8Array, unknown]>(true);
  same<Crossing<{ a: { b?: readonly string[] } }>, { a: { b?: readonly string[] } }>(true);
  assert.deepEqual([typed.length, streamed.length, nested.length], [1, 3, 3]);
});
