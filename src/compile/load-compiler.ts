import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { ownFile } from '../config/own-file.ts';
import { ERRORS } from '../errors/codes.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import type { compileEntry } from './compile-entry.ts';

type Compiler = { readonly compileEntry: typeof compileEntry };

/**
 * The compiler is loaded when there is something to compile, and by its name: a bundler that followed an import would come to the binaries of
 * oxc, which it can't take, for a program that may have nothing to compile. A test runner that loads modules into a context of its own (jest, and vitest
 * with vmThreads or vmForks) can't load it there, since oxc-parser requires ES modules: it gets the one of Node's own context.
 */
export async function loadCompiler(): Promise<Compiler> {
  const url = ownFile('compile/compile-entry.js');
  const { compileEntry: compile } =
    runInThisContext('Error') === Error ? ((await import(url.href)) as Compiler) : requireOutside(fileURLToPath(url));
  return {
    compileEntry: (entry, options) =>
      compile(entry, options).catch((error: unknown) => {
        throw ofThisCode(error);
      }),
  };
}

function requireOutside(path: string): Compiler {
  const outside = runInThisContext('process') as typeof process;
  const { createRequire } = outside.getBuiltinModule('node:module');
  return createRequire(path)(path) as Compiler;
}

/** In another context, and outside of the bundle that this code is in, it is an error of another class of the same name. */
function ofThisCode(error: unknown): unknown {
  if (error instanceof PreforkError) return error;
  const { code, message, cause } = error as Partial<PreforkError>;
  return typeof code === 'string' && code in ERRORS ? new PreforkError(code, String(message), { cause }) : error;
}
