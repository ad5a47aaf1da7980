/** A result whose memory the function gives up; see `transfer` in `api.ts`. */
export interface GivenResult {
  readonly value: unknown;
  readonly given: readonly ArrayBuffer[];
}

const KEY = Symbol.for('prefork.given-result');

export function giveResult(value: unknown, given: readonly ArrayBuffer[]): object {
  return { [KEY]: { value, given } };
}

export function asGivenResult(result: unknown): GivenResult | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  return (result as Record<symbol, GivenResult | undefined>)[KEY];
}
