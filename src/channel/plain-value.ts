/** More objects or array elements than this are not looked at: what is so large is not worth it. */
const MOST_PARTS = 5000;
const MOST_DEPTH = 32;
/** So many objects are compared one by one; a Set costs more until then. */
const FEW = 12;

/**
 * Tells whether a value is the same after `JSON.stringify` and `JSON.parse`, to the last bit and in what is shared inside of it. Whatever
 * may not be is left to structured clone: -0, NaN and infinities, undefined, holes, dates, instances of classes, what is reached twice, and
 * what is large or deep.
 */
export function isPlainValue(value: unknown): boolean {
  return new PlainCheck().check(value, 0);
}

class PlainCheck {
  #parts = 0;
  readonly #few: object[] = [];
  #many: Set<object> | undefined;

  check(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return true;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0);
      case 'object':
        return value === null || this.#checkObject(value, depth);
      default:
        return false;
    }
  }

  #checkObject(value: object, depth: number): boolean {
    if (depth > MOST_DEPTH || this.#isKnown(value)) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype) return this.#checkArray(value as readonly unknown[], depth);
    if (prototype !== Object.prototype || 'toJSON' in value || Symbol.asyncIterator in value) return false;
    const keys = Object.keys(value);
    if ((this.#parts += keys.length) > MOST_PARTS) return false;
    for (const key of keys) {
      // JSON.parse makes an own property of it, structured clone another prototype.
      if (key === '__proto__' || !this.check((value as Record<string, unknown>)[key], depth + 1)) return false;
    }
    return true;
  }

  #checkArray(array: readonly unknown[], depth: number): boolean {
    if ((this.#parts += array.length) > MOST_PARTS || 'toJSON' in array) return false;
    // A hole reads as undefined, which is not plain.
    for (const element of array) if (!this.check(element, depth + 1)) return false;
    return Object.keys(array).length === array.length;
  }

  /** Reached twice, it would be two objects after JSON; and a cycle would never end. */
  #isKnown(value: object): boolean {
    if (this.#many !== undefined) {
      if (this.#many.has(value)) return true;
      this.#many.add(value);
      return false;
    }
    if (this.#few.includes(value)) return true;
    this.#few.push(value);
    if (this.#few.length > FEW) this.#many = new Set(this.#few);
    return false;
  }
}
