/** What was thrown, taken apart on one side of a process boundary and put together on the other (`revive.ts`). */
import { fileURLToPath } from 'node:url';
import { type EncodedValue, encodeValue } from './value.ts';

/** An error in parts that can be copied. Anything else that was thrown crosses as the value that it is. */
export type Thrown = ThrownError | { readonly kind: 'value'; readonly value: unknown };

export interface ThrownError {
  readonly kind: 'error';
  /** Names of its class and of those that it extends, nearest first. */
  readonly classes: readonly string[];
  readonly message: string;
  readonly stack: string;
  /** Own properties that can be copied, `name` too if it is one of them. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause?: Thrown;
  /** Of an AggregateError. */
  readonly errors?: readonly Thrown[];
}

/** No more of each text is kept, and no causes below so many: the error of a broken program can be of any size. */
const LONGEST_CHARACTERS = 64 * 1024;
const MOST_DEPTH = 16;
const MOST_ERRORS = 1000;

const OWN_PARTS: ReadonlySet<string> = new Set(['message', 'stack', 'cause', 'errors', '__proto__']);

/** What was thrown as bytes; nothing that anybody throws makes this throw. */
export function encodeThrown(thrown: unknown): EncodedValue {
  return encodeValue(describeThrown(thrown), 'error');
}

function mayCross(value: unknown): boolean {
  try {
    encodeValue(value, '');
    return true;
  } catch {
    return false;
  }
}

/** What can't be copied is left out, or described if there is nothing else. */
function describeThrown(thrown: unknown, depth = 0): Thrown {
  try {
    if (thrown instanceof Error) return describeError(thrown, depth);
    return { kind: 'value', value: mayCross(thrown) ? thrown : String(thrown).slice(0, LONGEST_CHARACTERS) };
  } catch {
    return { kind: 'value', value: 'a value that can not be shown was thrown' };
  }
}

function describeError(error: Error, depth: number): ThrownError {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    const value = (error as unknown as Record<string, unknown>)[key];
    if (!OWN_PARTS.has(key) && mayCross(value)) fields[key] = value;
  }
  // Node and the web set it on an error or on a prototype of their own, not to be enumerated.
  for (const key of ['name', 'code']) {
    const value = (error as unknown as Record<string, unknown>)[key];
    if ((typeof value === 'string' && value !== nameByClass(error)) || typeof value === 'number') fields[key] = value;
  }
  const deeper = depth < MOST_DEPTH;
  const { errors } = error as { errors?: unknown };
  return {
    kind: 'error',
    classes: classesOf(error),
    message: cut(error.message),
    stack: cut(withoutOwnFrames(String(error.stack))),
    fields,
    ...('cause' in error && deeper ? { cause: describeThrown(error.cause, depth + 1) } : {}),
    ...(Array.isArray(errors) && deeper
      ? { errors: errors.slice(0, MOST_ERRORS).map((each) => describeThrown(each, depth + 1)) }
      : {}),
  };
}

/** The name that an instance of its class has by itself; undefined where only an instance can be asked, as of DOMException. */
function nameByClass(error: Error): unknown {
  try {
    return (Object.getPrototypeOf(error) as { name?: unknown } | null)?.name;
  } catch {
    return undefined;
  }
}

function classesOf(error: Error): string[] {
  const names: string[] = [];
  for (let at: unknown = Object.getPrototypeOf(error); at !== null && names.length < MOST_DEPTH; at = Object.getPrototypeOf(at)) {
    const { constructor } = at as { constructor?: { name?: unknown } };
    if (typeof constructor?.name === 'string' && constructor.name !== 'Object') names.push(constructor.name);
  }
  return names;
}

/** From where functions are called on, the stack is that of a worker, and the same for all. Frames name a file by its URL in an ES module, else by its path. */
const CALLER = new URL('../worker/call.', import.meta.url);
const CALLERS = [CALLER.href, fileURLToPath(CALLER)];

function withoutOwnFrames(stack: string): string {
  const ends = CALLERS.map((caller) => stack.indexOf(caller)).filter((end) => end >= 0);
  return ends.length === 0 ? stack : stack.slice(0, stack.lastIndexOf('\n', Math.min(...ends)));
}

function cut(value: unknown): string {
  return String(value).slice(0, LONGEST_CHARACTERS);
}
