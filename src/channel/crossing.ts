import { types } from 'node:util';
import { MessagePort } from 'node:worker_threads';

/** A value that can not be copied to another process, and where it was found: `args[0].callback`. */
export class UncloneableError extends Error {
  override readonly name = 'UncloneableError';
  readonly path: string;
  readonly found: string;

  constructor(path: string, found: string) {
    super(`${path}: found ${found}, expected a value that can be copied to another process (structured clone): leave it out`);
    this.path = path;
    this.found = found;
  }
}

interface Place {
  readonly value: unknown;
  readonly parent: Place | undefined;
  /** How the parent reaches it: `.name`, `[0]`. */
  readonly step: string;
}

/**
 * Walks all that belongs to a value, in no other way than structured clone does.
 *
 * @param shared collects what only threads can be handed; without it that is refused
 * @returns the ArrayBuffers in it, each once: their bytes need no serializer
 * @throws UncloneableError that names the path of what can't cross
 */
export function findBuffers(root: unknown, name: string, shared?: object[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const open: Place[] = [{ value: root, parent: undefined, step: name }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value } = place;
    if (shared !== undefined && isSharable(value)) {
      if (!shared.includes(value)) shared.push(value);
      continue;
    }
    const refused = whyRefused(value, shared !== undefined);
    if (refused !== undefined) throw new UncloneableError(pathOf(place), refused);
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (types.isArrayBuffer(value)) buffers.add(value);
    else open.push(...partsOf(value, place));
  }
  return [...buffers];
}

/** Whether a value is a stream: an async iterable, and a ReadableStream is one too. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Other async iterables may be data as well, and are looked into. */
function isStream(value: object): boolean {
  if (value instanceof ReadableStream) return true;
  // Of node:stream, by a member that all of them have: a child loads no module for the words of an error.
  return isAsyncIterable(value) && (types.isGeneratorObject(value) || ('pipe' in value && typeof value.pipe === 'function'));
}

/** What threads can have in common, or give to each other. */
function isSharable(value: unknown): value is object {
  return types.isSharedArrayBuffer(value) || value instanceof MessagePort;
}

function whyRefused(value: unknown, shares: boolean): string | undefined {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value !== 'object' || value === null) return undefined;
  if (types.isSharedArrayBuffer(value)) return 'a SharedArrayBuffer, which only threads can share';
  if (!shares && ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer))
    return 'a view of a SharedArrayBuffer, which only threads can share';
  if (value instanceof MessagePort) return 'a MessagePort, which only threads can be given';
  if (types.isPromise(value)) return 'a promise (await it first)';
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef) return `a ${value.constructor.name}`;
  if (types.isProxy(value)) return 'a Proxy';
  if (isStream(value)) return 'a stream, which can be an argument or a result as a whole, and no part of one';
  if (types.isGeneratorObject(value)) return 'a generator';
  return isHostObject(value) ? `a ${nameOf(value)}, which lives in this process` : undefined;
}

/** Objects of Node itself, which structured clone knows nothing of or hands over in ways that only threads can take. */
function isHostObject(value: object): boolean {
  return HOST_CLASSES.some((name) => {
    const known = (globalThis as Record<string, unknown>)[name];
    return typeof known === 'function' && value instanceof known;
  });
}

const HOST_CLASSES = [
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'AbortSignal',
  'AbortController',
  'Blob',
  'CryptoKey',
  'Request',
  'Response',
  'Headers',
  'FormData',
  'URL',
  'URLSearchParams',
  'WebSocket',
];

function nameOf(value: object): string {
  return value.constructor.name;
}

function* partsOf(value: object, parent: Place): Iterable<Place> {
  if (types.isMap(value)) {
    let index = 0;
    for (const [key, entry] of value) {
      yield { value: key, parent, step: `.keys()[${index}]` };
      yield { value: entry, parent, step: typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${index}]` };
      index += 1;
    }
    return;
  }
  if (types.isSet(value)) {
    let index = 0;
    for (const entry of value) {
      yield { value: entry, parent, step: `.values()[${index}]` };
      index += 1;
    }
    return;
  }
  // Of these only what is inside counts.
  if (ArrayBuffer.isView(value)) {
    if (!Buffer.isBuffer(value)) yield { value: value.buffer, parent, step: '.buffer' };
    return;
  }
  if (types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value)) return;
  if (types.isNativeError(value)) {
    if ('cause' in value) yield { value: value.cause, parent, step: '.cause' };
    return;
  }
  for (const key of Object.keys(value)) {
    yield { value: (value as Record<string, unknown>)[key], parent, step: stepOf(key, Array.isArray(value)) };
  }
}

function stepOf(key: string, isArray: boolean): string {
  if (isArray && /^\d+$/.test(key)) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function pathOf(place: Place): string {
  const steps: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) steps.push(at.step);
  return steps.toReversed().join('');
}
