/**
 * Structured clone between processes: V8's own serializer for all but large bytes, which stay beside it as they are. `Buffer` stays
 * `Buffer`; views of one ArrayBuffer are views of one again.
 */
import { types } from 'node:util';
import v8 from 'node:v8';
import { MessagePort } from 'node:worker_threads';
import { copyWithMarks, findBuffers, type FoundStream } from './crossing.ts';

/** What a value becomes: V8's bytes, and the memory that these refer to by number. */
export interface Cloned {
  readonly head: Buffer;
  readonly attachments: readonly Uint8Array[];
  readonly shared: Shared;
}

/** What a thread is to be handed beside it. Memory among it has the number of its place, counted from `first`. */
export interface Shared {
  readonly first: number;
  readonly objects: readonly object[];
}

/**
 * Makes what stands where the sender had a stream: an async iterable, or a ReadableStream for one.
 *
 * @throws RangeError for a number that is taken
 */
export type OpenStream = (stream: number, isReadable: boolean) => object;

/** These are documented, and missing in the types. */
declare module 'node:v8' {
  interface Serializer {
    _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void;
  }
}

type ViewConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

/** A number is never given to another kind: it is on the wire. */
const VIEWS: readonly ViewConstructor[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];
const BUFFER_KIND = VIEWS.length;
const PORT_KIND = VIEWS.length + 1;
const ITERABLE_KIND = VIEWS.length + 2;
const READABLE_KIND = VIEWS.length + 3;
/** The tags of V8's format for memory that is shared, and for memory that was transferred: a reader asks Node for the latter alone. */
const SHARED_TAG = 0x75;
const TRANSFERRED_TAG = 0x74;
/** The numbers of shared memory are from here on: five bytes each, and far from those of what is sent along. */
const LEAST_SHARED = 0xc000_0000;

interface StreamMark {
  readonly number: number;
  readonly kind: number;
}

class CloneWriter extends v8.Serializer {
  readonly #sources: (ArrayBuffer | Buffer)[] = [];
  readonly #numbers = new Map<ArrayBufferLike, number>();

  readonly #shared: readonly object[];
  /** Numbers of shared memory that stands in the value by itself, and not only under views. */
  readonly #marks = new Set<number>();
  /** What stands for a stream, with its number and kind. */
  readonly #streams: ReadonlyMap<object, StreamMark>;

  constructor(buffers: readonly ArrayBuffer[], { first, objects }: Shared, streams: ReadonlyMap<object, StreamMark>) {
    super();
    this.#shared = objects;
    this.#streams = streams;
    for (const [index, object] of objects.entries())
      if (types.isSharedArrayBuffer(object)) this.#numbers.set(object, first + index);
    this._setTreatArrayBufferViewsAsHostObjects(true);
    for (const buffer of buffers) {
      this.#numbers.set(buffer, this.#sources.length);
      this.transferArrayBuffer(this.#sources.length, buffer);
      this.#sources.push(buffer);
    }
  }

  _getSharedArrayBufferId(memory: SharedArrayBuffer): number {
    const number = this.#numbers.get(memory) ?? 0;
    this.#marks.add(number);
    return number;
  }

  /**
   * Node's reader is told of shared memory, but can not be asked for it: https://github.com/nodejs/node/blob/main/src/node_serdes.cc has no
   * GetSharedArrayBufferFromId. It finds it where it is tagged as transferred. This may go when it can be asked.
   *
   * @returns undefined when something else in the value looks like the mark of shared memory
   */
  head(): Buffer | undefined {
    const head = this.releaseBuffer();
    for (const number of this.#marks) {
      const mark = markOf(number);
      const at = head.indexOf(mark);
      if (at < 0 || head.includes(mark, at + 1)) return undefined;
      head[at] = TRANSFERRED_TAG;
    }
    return head;
  }

  _writeHostObject(object: object): void {
    const stream = this.#streams.get(object);
    if (stream !== undefined) {
      this.writeUint32(stream.kind);
      this.writeUint32(stream.number);
      return;
    }
    if (object instanceof MessagePort) {
      this.writeUint32(PORT_KIND);
      this.writeUint32(this.#shared.indexOf(object));
      return;
    }
    if (!ArrayBuffer.isView(object)) throw new TypeError(`a ${object.constructor.name} can not be copied to another process`);
    if (Buffer.isBuffer(object)) {
      this.writeUint32(BUFFER_KIND);
      this.writeUint32(this.#sources.length);
      this.#sources.push(object);
      return;
    }
    // By name: in another realm, such as that of a test runner, the classes are others.
    this.writeUint32(VIEWS.findIndex(({ name }) => name === tagOf(object)));
    this.writeUint32(this.#numbers.get(object.buffer) ?? 0);
    this.writeDouble(object.byteOffset);
    this.writeDouble('length' in object ? (object as Uint8Array).length : object.byteLength);
  }

  /** The memory may change after this, or belong to a pool: what is sent later has to be a copy, unless it is given away. */
  takeAttachments(given: ReadonlySet<ArrayBuffer>): Uint8Array[] {
    const moved = new Map<ArrayBufferLike, ArrayBuffer>();
    for (const buffer of given) moved.set(buffer, structuredClone(buffer, { transfer: [buffer] }));
    return this.#sources.map((source) => {
      if (!Buffer.isBuffer(source)) return new Uint8Array(moved.get(source) ?? source.slice(0));
      return Uint8Array.prototype.slice.call(source);
    });
  }
}

/** The tag, and the number seven bits a byte. */
function markOf(number: number): Buffer {
  const bytes = [SHARED_TAG];
  for (let rest = number; rest > 0; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
  return Buffer.from(bytes);
}

function tagOf(view: ArrayBufferView): string {
  return Object.prototype.toString.call(view).slice('[object '.length, -1);
}

class CloneReader extends v8.Deserializer {
  readonly #attachments: readonly ArrayBuffer[];
  readonly #shared: Shared;
  readonly #openStream: OpenStream | undefined;

  constructor(head: Buffer, attachments: readonly ArrayBuffer[], shared: Shared, openStream: OpenStream | undefined) {
    super(head);
    this.#attachments = attachments;
    this.#shared = shared;
    this.#openStream = openStream;
    for (const [index, object] of shared.objects.entries())
      if (types.isSharedArrayBuffer(object)) this.transferArrayBuffer(shared.first + index, object as unknown as ArrayBuffer);
    for (const [number, buffer] of attachments.entries()) this.transferArrayBuffer(number, buffer);
  }

  _readHostObject(): object {
    const [kind, number] = [this.readUint32(), this.readUint32()];
    if (kind === ITERABLE_KIND || kind === READABLE_KIND) {
      if (this.#openStream === undefined) throw new RangeError('a stream where none can be');
      return this.#openStream(number, kind === READABLE_KIND);
    }
    const { first, objects } = this.#shared;
    if (kind === PORT_KIND) {
      const port = objects[number];
      if (!(port instanceof MessagePort)) throw new RangeError('a port that was not handed over');
      return port;
    }
    const buffer = number < LEAST_SHARED ? this.#attachments[number] : (objects[number - first] as ArrayBuffer);
    if (buffer === undefined) throw new RangeError('a view of memory that was not sent');
    if (kind === BUFFER_KIND) return Buffer.from(buffer);
    const view = VIEWS[kind];
    if (view === undefined) throw new RangeError('a view of no known kind');
    return new view(buffer, this.readDouble(), this.readDouble());
  }
}

/**
 * @param name what paths in errors begin with
 * @param given ArrayBuffers that the sender gives up: they are not copied, and have no length afterwards
 * @param shares whether it goes to another thread, which can be handed more than bytes
 * @param streams collects the streams in it; without it they are refused
 * @throws UncloneableError before anything is given up
 */
export function cloneValue(
  value: unknown,
  name: string,
  given: ReadonlySet<ArrayBuffer>,
  shares: boolean,
  streams: FoundStream[] | undefined,
): Cloned {
  const objects: object[] = [];
  const buffers = findBuffers(value, name, shares ? objects : undefined, streams);
  const { marked, marks } =
    streams === undefined || streams.length === 0 ? { marked: value, marks: NO_MARKS } : markStreams(value, streams);
  for (;;) {
    const shared = { first: LEAST_SHARED + Math.floor(Math.random() * 0x3000_0000), objects };
    const writer = new CloneWriter(buffers, shared, marks);
    writer.writeHeader();
    writer.writeValue(marked);
    const head = writer.head();
    if (head !== undefined) return { head, attachments: writer.takeAttachments(given), shared };
  }
}

const NO_MARKS: ReadonlyMap<object, StreamMark> = new Map();

/** V8 asks what to write for a view alone: each stream is replaced by one of nothing. */
function markStreams(
  value: unknown,
  streams: readonly FoundStream[],
): { marked: unknown; marks: ReadonlyMap<object, StreamMark> } {
  const marks = new Map<object, StreamMark>();
  const replaced = new Map<object, object>();
  for (const [index, { source }] of streams.entries()) {
    const view = new Uint8Array(0);
    marks.set(view, { number: index + 1, kind: source instanceof ReadableStream ? READABLE_KIND : ITERABLE_KIND });
    replaced.set(source, view);
  }
  return { marked: copyWithMarks(value, streams, replaced), marks };
}

/** @throws whatever V8 throws at bytes that are no value */
export function uncloneValue(
  head: Buffer,
  attachments: readonly ArrayBuffer[],
  shared: Shared,
  openStream: OpenStream | undefined,
): unknown {
  const reader = new CloneReader(head, attachments, shared, openStream);
  reader.readHeader();
  return reader.readValue();
}
