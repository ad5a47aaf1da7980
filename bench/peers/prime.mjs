/**
 * What every peer on Node does: decides by trial division, with every number from 2 up, whether a number is prime. It is slow on
 * purpose; the question is what happens to the others meanwhile.
 */
export function decide(number) {
  return { number, prime: isPrime(number) };
}

/** The number of `/?number=N`; NaN when there is none. */
export function readNumber(target) {
  return Number(new URL(target, 'http://peer').searchParams.get('number') ?? Number.NaN);
}

function isPrime(number) {
  for (let divisor = 2; divisor < number; divisor += 1) {
    if (number % divisor === 0) return false;
  }
  return number > 1;
}
