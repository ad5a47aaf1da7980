/** Ends a `switch` over a union: a case that was forgotten is a type error here, and a thrown one if types lied. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected case: ${JSON.stringify(value)}`);
}
