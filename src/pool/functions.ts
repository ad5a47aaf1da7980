/** The types that a pool takes from the module of its functions. */

/** Names of the exports that can be called. `setup`, `teardown` and `config` are for prefork itself. */
export type FunctionName<Module> = {
  [Name in keyof Module & string]: Module[Name] extends (...args: never[]) => unknown
    ? Name extends 'setup' | 'teardown' | 'config'
      ? never
      : Name
    : never;
}[keyof Module & string];

/** What stands in a parameter in place of a function or a symbol: nothing is assignable to it but a type that says why. */
export interface CanNotCross {
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

type AnyFunction = (...args: never[]) => unknown;

export type Arguments<F> = F extends AnyFunction ? Extract<Crossing<Parameters<F>>, readonly unknown[]> : never;

export type Result<F> = F extends AnyFunction ? Awaited<ReturnType<F>> : never;

/** `pool.call`: each function of the module, with a promise of its result. */
export type Calls<Module> = {
  readonly [Name in FunctionName<Module>]: (...args: Arguments<Module[Name]>) => Promise<Result<Module[Name]>>;
};
