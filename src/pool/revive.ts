/** Makes an error of what a worker says was thrown. */
import type { Thrown, ThrownError } from '../channel/thrown.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import type { ErrorClass } from './pool-options.ts';

/** By the names that their instances carry over. A worker has no others unless the user names them. */
const BUILT_IN: readonly ErrorClass[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  PreforkError,
];

/** What belongs to the error as such, and is not taken from the fields. */
const LONGEST_CLASS_LIST = 32;
const MOST_DEPTH = 32;

export type ErrorClasses = ReadonlyMap<string, ErrorClass>;

export function errorClasses(own: readonly ErrorClass[] = []): ErrorClasses {
  return new Map([...BUILT_IN, ...own].map((each) => [each.name, each]));
}

/**
 * @param thrown what came over the channel: anything at all
 * @returns an instance of the nearest class that is known here, or the value that was thrown
 */
export function reviveThrown(thrown: unknown, classes: ErrorClasses, depth = 0): unknown {
  if (isThrownError(thrown)) return reviveError(thrown, classes, depth);
  const { value } = thrown as Partial<Extract<Thrown, { kind: 'value' }>>;
  return value;
}

function reviveError(thrown: ThrownError, classes: ErrorClasses, depth: number): Error {
  const { message, stack, fields, cause, errors } = thrown;
  const names = thrown.classes.slice(0, LONGEST_CLASS_LIST);
  if (names[0] === 'DOMException' || names.includes('DOMException')) return reviveDomException(thrown);
  // The real thing in all that can be asked of it, also by `util.types.isNativeError`; its class is set afterwards, without a call of it.
  const error = new Error(message);
  const known = names.map((name) => classes.get(name)).find((each) => each !== undefined);
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype as object);
  define(error, 'stack', stack === '' ? `${names[0] ?? 'Error'}: ${message}` : stack);
  for (const [key, value] of Object.entries(fields)) {
    if (key !== '__proto__') Object.defineProperty(error, key, { value, enumerable: true, writable: true, configurable: true });
  }
  if (depth >= MOST_DEPTH) return error;
  if (cause !== undefined) define(error, 'cause', reviveThrown(cause, classes, depth + 1));
  if (errors !== undefined) {
    define(
      error,
      'errors',
      errors.map((each) => reviveThrown(each, classes, depth + 1)),
    );
  }
  return error;
}

/** Its name and code are not properties of its own. */
function reviveDomException({ message, stack, fields }: ThrownError): Error {
  const { name } = fields;
  const error = new DOMException(message, typeof name === 'string' ? name : 'Error');
  define(error, 'stack', stack);
  return error;
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true });
}

function isThrownError(thrown: unknown): thrown is ThrownError {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { kind, classes, message, stack, fields } = thrown as Partial<Record<keyof ThrownError, unknown>>;
  return (
    kind === 'error' &&
    Array.isArray(classes) &&
    typeof message === 'string' &&
    typeof stack === 'string' &&
    typeof fields === 'object' &&
    fields !== null
  );
}
