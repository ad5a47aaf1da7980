/** What trial division found: a prime, or a number that is none, with its smallest divisor above 1 (0 and 1 have none). */
export type Decision =
  | { readonly prime: true; readonly divisor: null }
  | { readonly prime: false; readonly divisor: number | null };

/**
 * Decides whether a number is prime by trying every integer from 2 up to the number itself, and stops at the first that
 * divides it. Slow on purpose: this is the work that must not get in the way of anybody else's.
 *
 * @param number a whole number from 0 to 2^53 - 1
 */
export function decide(number: number): Decision {
  const divisor = smallestDivisor(number);
  return divisor === number ? { prime: true, divisor: null } : { prime: false, divisor };
}

/**
 * The smallest divisor from 2 up to the number itself; null for 0 and 1. The loop is by itself because V8 (Node 20) keeps its
 * counter as a plain double then; with the verdict built inside the loop, the same work takes three times as long.
 */
function smallestDivisor(number: number): number | null {
  for (let divisor = 2; divisor <= number; divisor++) {
    if (divides(divisor, number)) return divisor;
  }
  return null;
}

/**
 * Whether `divisor` (at least 1) divides `number` (up to 2^53 - 1), exactly. A quotient that is no whole number is at least
 * 1 / divisor away from one, and that is more than half of the gap between doubles of its size, so rounding never makes it
 * whole. `number % divisor` says the same, but takes about five times as long above 2^31, where V8 calls a C function for it.
 */
export function divides(divisor: number, number: number): boolean {
  return Number.isInteger(number / divisor);
}
