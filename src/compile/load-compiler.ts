import { runInThisContext } from 'node:vm';
import { ERRORS } from '../errors/codes.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import type { compileEntry } from './compile-entry.ts';

type Compiler = { readonly compileEntry: typeof compileEntry };

/**
 * The compiler is loaded when there is something to compile. A test runner that loads modules into a context of its own (jest, and vitest
 * with vmThreads or vmForks) can't load it there, since oxc-parser requires ES modules: it gets the one of Node's own context.
 */
export async function loadCompiler(): Promise<Compiler> {
  if (runInThisContext('Error') === Error) return import('./compile-entry.ts');
  const outside = runInThisContext('process') as typeof process;
  const { createRequire } = outside.getBuiltinModule('node:module');
  const { compileEntry: compile } = createRequire(import.meta.url)('./compile-entry.js') as Compiler;
  return {
    compileEntry: (entry, options) =>
      compile(entry, options).catch((error: unknown) => {
        throw ofThisContext(error);
      }),
  };
}

/** There it is an error of another class of the same name. */
function ofThisContext(error: unknown): unknown {
  const { code, message, cause } = error as Partial<PreforkError>;
  return typeof code === 'string' && code in ERRORS ? new PreforkError(code, String(message), { cause }) : error;
}
