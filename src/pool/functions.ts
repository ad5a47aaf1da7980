/** The types that a pool takes from the module of its functions. */
import type { MessagePort } from 'node:worker_threads';
import type { CallStream } from './result-stream.ts';

type AnyFunction = (...args: never[]) => unknown;

/** `setup`, `teardown` and `config` are for prefork itself. */
type Exported<Module> = Exclude<keyof Module & string, 'setup' | 'teardown' | 'config'>;

/** What a function returns or promises is a stream: an async iterable, a ReadableStream, a generator. */
type Stream<T> = AsyncIterable<T> | (Iterator<T> & Iterable<T>);

/** Names of the exports that return a value. */
export type FunctionName<Module> = {
  [Name in Exported<Module>]: Module[Name] extends AnyFunction
    ? [Result<Module[Name]>] extends [Stream<unknown>]
      ? [Result<Module[Name]>] extends [never]
        ? Name
        : never
      : Name
    : never;
}[Exported<Module>];

/** Names of the exports that return a stream. */
export type StreamName<Module> = {
  [Name in Exported<Module>]: Module[Name] extends AnyFunction ? ([Item<Module[Name]>] extends [never] ? never : Name) : never;
}[Exported<Module>];

/** What a function yields; `unknown` for one that may return anything. */
export type Item<F> = F extends AnyFunction
  ? unknown extends Result<F>
    ? unknown
    : Result<F> extends AsyncIterable<infer Value>
      ? Value
      : Result<F> extends Iterator<infer Value> & Iterable<unknown>
        ? Awaited<Value>
        : never
  : never;

/** What stands in a parameter in place of a function or a symbol: nothing is assignable to it but a type that says why. */
export interface CanNotCross {
  /** The reason, as the compiler shows it. */
  readonly 'functions and symbols can not be copied to another process': never;
}

/** What crosses as it is, or is not looked into. */
type Whole =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | Date
  | RegExp
  | Error
  | ArrayBufferLike
  | ArrayBufferView
  // To threads alone; elsewhere it is an error when it is run.
  | MessagePort
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>;

/** A type with its functions and symbols replaced by `CanNotCross`. */
export type Crossing<T> = unknown extends T
  ? T
  : T extends Whole
    ? T
    : T extends symbol | ((...args: never[]) => unknown)
      ? CanNotCross
      : { [Key in keyof T]: Crossing<T[Key]> };

/** A parameter that is a stream takes one; a stream inside of another value can not cross. */
type Parameter<T> = unknown extends T
  ? T
  : T extends ReadableStream<infer Value>
    ? ReadableStream<Crossing<Value>>
    : T extends AsyncIterable<infer Value>
      ? AsyncIterableIterator<Value> extends T
        ? AsyncIterable<Crossing<Value>>
        : CanNotCross
      : Crossing<T>;

type Each<List extends readonly unknown[]> = { [Index in keyof List]: Parameter<List[Index]> };

/** The parameters of a function, as a caller from another process can give them. */
export type Arguments<F> = F extends AnyFunction ? Extract<Each<Parameters<F>>, readonly unknown[]> : never;

/** What a function returns, awaited. */
export type Result<F> = F extends AnyFunction ? Awaited<ReturnType<F>> : never;

/** `pool.stream`: each function of the module that yields values, with a stream of these. */
export type Streams<Module> = {
  readonly [Name in StreamName<Module>]: (...args: Arguments<Module[Name]>) => CallStream<Item<Module[Name]>>;
};

/** `pool.call`: each function of the module, with a promise of its result. */
export type Calls<Module> = {
  readonly [Name in FunctionName<Module>]: (...args: Arguments<Module[Name]>) => Promise<Result<Module[Name]>>;
};
