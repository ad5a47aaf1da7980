/** The types that a pool takes from the module of its functions. */
import type { MessagePort } from 'node:worker_threads';
import type { CallStream } from './result-stream.ts';

type AnyFunction = (...args: never[]) => unknown;

/** `setup`, `teardown` and `config` are for prefork itself. */
type Exported<Module> = Exclude<keyof Module & string, 'setup' | 'teardown' | 'config'>;

/** What a function returns or promises is a stream: an async iterable, a ReadableStream, a generator. */
type Stream<T> = AsyncIterable<T> | (Iterator<T> & Iterable<T>);

/** What nothing can be made of in another process. */
type Uncrossable = symbol | ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown);

/** What becomes of a result: `any` and `unknown` may be either, and a function or a symbol never arrives. */
type ResultKind<T> = unknown extends T
  ? 'value' | 'stream'
  : [T] extends [never]
    ? 'value'
    : [T] extends [Stream<infer Value>]
      ? [Value] extends [Uncrossable]
        ? 'none'
        : 'stream'
      : [T] extends [Uncrossable]
        ? 'none'
        : 'value';

/** Names of the exports that return a value. */
export type FunctionName<Module> = {
  [Name in Exported<Module>]: Module[Name] extends AnyFunction
    ? 'value' extends ResultKind<Returned<Module[Name]>>
      ? Name
      : never
    : never;
}[Exported<Module>];

/** Names of the exports that return a stream. */
export type StreamName<Module> = {
  [Name in Exported<Module>]: Module[Name] extends AnyFunction
    ? 'stream' extends ResultKind<Returned<Module[Name]>>
      ? Name
      : never
    : never;
}[Exported<Module>];

/** What a function yields; `unknown` for one that may return anything. */
export type Item<F> = F extends AnyFunction
  ? unknown extends Returned<F>
    ? unknown
    : Returned<F> extends AsyncIterable<infer Value>
      ? Value
      : Returned<F> extends Iterator<infer Value> & Iterable<unknown>
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
  | MessagePort;

/** A type with its functions and symbols replaced by `CanNotCross`. */
export type Crossing<T> = unknown extends T
  ? T
  : T extends Whole
    ? T
    : T extends Uncrossable
      ? CanNotCross
      : T extends ReadonlyMap<infer Key, infer Value>
        ? MapLike<T, Crossing<Key>, Crossing<Value>>
        : T extends ReadonlySet<infer Value>
          ? SetLike<T, Crossing<Value>>
          : { [Key in keyof T]: Crossing<T[Key]> };

// A Map has all members of a set, so it is asked for first.
type SetLike<T, Value> = T extends Set<unknown> ? Set<Value> : ReadonlySet<Value>;
type MapLike<T, Key, Value> = T extends Map<unknown, unknown> ? Map<Key, Value> : ReadonlyMap<Key, Value>;

/** The same for an argument, where whatever is a stream takes one. A stream in what another one yields can not cross. */
type Given<T> = unknown extends T
  ? T
  : T extends Whole
    ? T
    : T extends ReadableStream<infer Value>
      ? ReadableStream<Crossing<Value>>
      : T extends AsyncIterable<infer Value>
        ? AsyncIterableIterator<Value> extends T
          ? AsyncIterable<Crossing<Value>>
          : CanNotCross
        : T extends Uncrossable
          ? CanNotCross
          : T extends ReadonlyMap<infer Key, infer Value>
            ? MapLike<T, Given<Key>, Given<Value>>
            : T extends ReadonlySet<infer Value>
              ? SetLike<T, Given<Value>>
              : { [Key in keyof T]: Given<T[Key]> };

/** The parameters of a function, as a caller from another process can give them. */
export type Arguments<F> = F extends AnyFunction ? Extract<Given<Parameters<F>>, readonly unknown[]> : never;

/**
 * An async iterable in a result, as it arrives: it is read once. `break`, `return()` and `await using` end its source, and no other stream of
 * that result. The call is over when all have ended.
 */
export interface ReceivedStream<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  /** Rejects with what the source threw, with `signal.reason` of the call, or with a PreforkError: ERR_DEADLINE, ERR_WORKER_DIED, ERR_SHUTTING_DOWN. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Resolves at once; the source ends when its worker hears of it. */
  return(): Promise<IteratorResult<T, undefined>>;
}

/** As deep as this a type is searched for streams: most have none, and are left exactly as they are. */
type MostDepth = 5;

/** Whether there is a stream in a value of this type. */
type HasStream<T, Depth extends readonly unknown[] = []> = Depth['length'] extends MostDepth
  ? false
  : unknown extends T
    ? false
    : T extends Whole | Uncrossable
      ? false
      : T extends AsyncIterable<unknown>
        ? true
        : T extends readonly (infer Value)[] | ReadonlyMap<unknown, infer Value>
          ? HasStream<Value, [...Depth, unknown]>
          : T extends ReadonlySet<infer Value>
            ? HasStream<Value, [...Depth, unknown]>
            : true extends { [Key in keyof T]-?: HasStream<T[Key], [...Depth, unknown]> }[keyof T]
              ? true
              : false;

/** A result as it arrives. A ReadableStream arrives as one, any other async iterable as an iterator that can be ended. */
export type Received<T> =
  true extends HasStream<T>
    ? T extends ReadableStream<unknown>
      ? T
      : T extends AsyncIterable<infer Value>
        ? ReceivedStream<Value>
        : T extends ReadonlyMap<infer Key, infer Value>
          ? MapLike<T, Key, Received<Value>>
          : T extends ReadonlySet<infer Value>
            ? SetLike<T, Received<Value>>
            : { [Key in keyof T]: Received<T[Key]> }
    : T;

/** What a function returns, awaited. */
type Returned<F> = F extends AnyFunction ? Awaited<ReturnType<F>> : never;

/** The same as a caller gets it. */
export type Result<F> = Received<Returned<F>>;

/** `pool.stream`: each function of the module that yields values, with a stream of these. */
export type Streams<Module> = {
  readonly [Name in StreamName<Module>]: (...args: Arguments<Module[Name]>) => CallStream<Item<Module[Name]>>;
};

/** `pool.call`: each function of the module, with a promise of its result. */
export type Calls<Module> = {
  readonly [Name in FunctionName<Module>]: (...args: Arguments<Module[Name]>) => Promise<Result<Module[Name]>>;
};
