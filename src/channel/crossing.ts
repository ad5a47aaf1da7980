import { types } from 'node:util';
import { MessagePort } from 'node:worker_threads';

/** A value that can not be copied to another process, and where it was found: `args[0].callback`. */
export class UncloneableError extends Error {
  override readonly name = 'UncloneableError';
  readonly path: string;
  readonly found: string;

  constructor(
    path: string,
    found: string,
    expected = 'a value that can be copied to another process (structured clone): leave it out',
  ) {
    super(`${path}: found ${found}, expected ${expected}`);
    this.path = path;
    this.found = found;
  }
}

/** A stream somewhere in a value. Its number is its place among those that were found, from 1 on. */
export interface FoundStream {
  readonly source: AsyncIterable<unknown>;
  readonly path: string;
}

/** A number has one byte on the channel. */
const MOST_STREAMS = 255;

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
 * @param streams collects the async iterables, each once; without it streams are refused
 * @returns the ArrayBuffers in it, each once: their bytes need no serializer
 * @throws UncloneableError that names the path of what can't cross
 */
export function findBuffers(root: unknown, name: string, shared?: object[], streams?: FoundStream[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const open: Place[] = [{ value: root, parent: undefined, step: name }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value } = place;
    if (streams !== undefined && isAsyncIterable(value)) {
      addStream(streams, value, place, name);
      continue;
    }
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

function addStream(streams: FoundStream[], source: AsyncIterable<unknown>, place: Place, name: string): void {
  if (streams.some((known) => known.source === source)) return;
  const path = pathOf(place);
  if (source instanceof ReadableStream && source.locked)
    throw new UncloneableError(path, 'a ReadableStream that is locked', 'one that nobody else reads');
  streams.push({ source, path });
  if (streams.length > MOST_STREAMS)
    throw new UncloneableError(
      name,
      `more than ${MOST_STREAMS} streams`,
      'fewer: send one stream of values that say where they belong',
    );
}

/** Where no stream can be, other async iterables may be data as well, and are looked into. */
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
  if (isStream(value)) return 'a stream, which can be in arguments and in results alone';
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

/**
 * A value with other objects in place of its streams. What structured clone looks into is copied as that would copy it, all else is the same.
 *
 * @param marks what stands for each stream
 * @throws UncloneableError for a stream that can not be replaced where it is
 */
export function copyWithMarks(root: unknown, streams: readonly FoundStream[], marks: ReadonlyMap<object, object>): unknown {
  const copies = new Map<object, object>();
  const open: (() => void)[] = [];
  const placed = new Set<object>();
  const copyOf = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const mark = marks.get(value);
    if (mark !== undefined) placed.add(value);
    const known = mark ?? copies.get(value);
    if (known !== undefined) return known;
    const copy = emptyCopy(value);
    if (copy === undefined) return value;
    copies.set(value, copy);
    open.push(() => fill(copy, value, copyOf));
    return copy;
  };
  const copied = copyOf(root);
  for (let next = open.pop(); next !== undefined; next = open.pop()) next();
  const lost = streams.find(({ source }) => !placed.has(source));
  if (lost !== undefined)
    throw new UncloneableError(lost.path, 'a stream that belongs to an error, or is made anew whenever it is asked for');
  return copied;
}

/** Undefined for what holds no other values, or none that could be replaced. */
function emptyCopy(value: object): object | undefined {
  if (Array.isArray(value)) return Array.from({ length: 0 });
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  const isWhole =
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value) ||
    types.isNativeError(value) ||
    value instanceof MessagePort;
  return isWhole ? undefined : (Object.create(null) as object);
}

function fill(copy: object, value: object, copyOf: (value: unknown) => unknown): void {
  if (types.isMap(value)) for (const [key, entry] of value) (copy as Map<unknown, unknown>).set(copyOf(key), copyOf(entry));
  else if (types.isSet(value)) for (const entry of value) (copy as Set<unknown>).add(copyOf(entry));
  else {
    // Holes stay holes.
    if (Array.isArray(value)) (copy as unknown[]).length = value.length;
    for (const key of Object.keys(value))
      (copy as Record<string, unknown>)[key] = copyOf((value as Record<string, unknown>)[key]);
  }
}
