import type { BootFailure } from '../channel/messages.ts';
import { decodeValue } from '../channel/value.ts';
import { callError } from './call-error.ts';
import { type HandlerModule, InvalidHandlerError, readConfig, readHook } from './handler.ts';
import { importEntry, toBootFailure } from './load.ts';
import { workerState } from './worker-state.ts';

/** A module of functions, once it is loaded. */
export interface FunctionsModule extends Pick<HandlerModule, 'config' | 'setup' | 'teardown'> {
  /** @throws an error ERR_NO_SUCH_FUNCTION */
  find(name: string): (...args: unknown[]) => unknown;
}

export type LoadedFunctions =
  | { readonly ok: true; readonly module: FunctionsModule }
  | { readonly ok: false; readonly failure: BootFailure };

/** What prefork itself calls, or reads. */
const RESERVED: ReadonlySet<string> = new Set(['setup', 'teardown', 'config']);
const MOST_NAMES = 20;

/**
 * Loads the user's module of functions and runs its `setup(workerData)`. Never throws, as `loadHandler`.
 *
 * @param data `BootOptions.functions`
 */
export async function loadFunctions(entry: string, typescript: string | null, data: string): Promise<LoadedFunctions> {
  try {
    const state = workerState();
    state.workerData = decodeValue(Buffer.from(data, 'base64'));
    const module = readFunctions(await importEntry(entry, typescript), entry);
    await module.setup();
    return { ok: true, module };
  } catch (thrown) {
    return { ok: false, failure: toBootFailure(thrown, entry) };
  }
}

/** Own exports come first; of a CommonJS module whose exports can't be told ahead, those of its default. */
function readFunctions(namespace: Readonly<Record<string, unknown>>, entry: string): FunctionsModule {
  const functions = new Map<string, (...args: unknown[]) => unknown>();
  const add = (exports: Readonly<Record<string, unknown>>): void => {
    for (const name of Object.keys(exports)) {
      const value = exports[name];
      if (isFunction(value) && !functions.has(name) && !RESERVED.has(name)) functions.set(name, value.bind(undefined));
    }
  };
  add(namespace);
  const fallback = namespace['default'];
  if (typeof fallback === 'object' && fallback !== null) add(fallback as Readonly<Record<string, unknown>>);
  const names = [...functions.keys()];
  if (names.length === 0) {
    throw new InvalidHandlerError(
      `found no exported function, expected at least one: export function name() { … } (exports: ${Object.keys(namespace).slice(0, MOST_NAMES).join(', ') || 'none'})`,
    );
  }
  return {
    config: readConfig(namespace['config'], false),
    setup: () => readHook(namespace, 'setup')(workerState().workerData),
    teardown: readHook(namespace, 'teardown'),
    find: (name) => functions.get(name) ?? refuse(name, names, entry),
  };
}

function refuse(name: string, names: readonly string[], entry: string): never {
  const known = names.slice(0, MOST_NAMES).join(', ');
  const message = `${entry}: found no exported function ${JSON.stringify(name)}, expected one of ${known}`;
  throw callError('ERR_NO_SUCH_FUNCTION', 'operator', message);
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}
