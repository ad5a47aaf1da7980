/**
 * Structured clone between processes: V8's own serializer for all but large bytes, which stay beside it as they are. `Buffer` stays
 * `Buffer`; views of one ArrayBuffer are views of one again.
 */
import v8 from 'node:v8';
import { findBuffers } from './crossing.ts';

/** What a value becomes: V8's bytes, and the memory that these refer to by number. */
export interface Cloned {
  readonly head: Buffer;
  readonly attachments: readonly Uint8Array[];
}

/** `_setTreatArrayBufferViewsAsHostObjects` is documented, and missing in the types. */
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

class CloneWriter extends v8.Serializer {
  readonly #sources: (ArrayBuffer | Buffer)[] = [];
  readonly #numbers = new Map<ArrayBufferLike, number>();

  constructor(buffers: readonly ArrayBuffer[]) {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
    for (const buffer of buffers) {
      this.#numbers.set(buffer, this.#sources.length);
      this.transferArrayBuffer(this.#sources.length, buffer);
      this.#sources.push(buffer);
    }
  }

  _writeHostObject(object: object): void {
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

function tagOf(view: ArrayBufferView): string {
  return Object.prototype.toString.call(view).slice('[object '.length, -1);
}

class CloneReader extends v8.Deserializer {
  readonly #attachments: readonly ArrayBuffer[];

  constructor(head: Buffer, attachments: readonly ArrayBuffer[]) {
    super(head);
    this.#attachments = attachments;
    for (const [number, buffer] of attachments.entries()) this.transferArrayBuffer(number, buffer);
  }

  _readHostObject(): ArrayBufferView {
    const kind = this.readUint32();
    const buffer = this.#attachments[this.readUint32()];
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
 * @throws UncloneableError before anything is given up
 */
export function cloneValue(value: unknown, name: string, given: ReadonlySet<ArrayBuffer>): Cloned {
  const buffers = findBuffers(value, name);
  const writer = new CloneWriter(buffers);
  writer.writeHeader();
  writer.writeValue(value);
  return { head: writer.releaseBuffer(), attachments: writer.takeAttachments(given) };
}

/** @throws whatever V8 throws at bytes that are no value */
export function uncloneValue(head: Buffer, attachments: readonly ArrayBuffer[]): unknown {
  const reader = new CloneReader(head, attachments);
  reader.readHeader();
  return reader.readValue();
}
