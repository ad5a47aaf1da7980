/**
 * Whether a value is an object literal, or what JSON.parse gives, of any realm. Instances of classes are not: they could
 * carry options by inheritance, where nobody sees them.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
