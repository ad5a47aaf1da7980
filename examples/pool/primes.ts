/** How many primes there are from `from` to `to`. */
export function countPrimes(from: number, to: number): number {
  let count = 0;
  for (let n = from; n <= to; n += 1) if (isPrime(n)) count += 1;
  return count;
}

/** Slow on purpose: tries every smaller number. */
export function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let factor = 2; factor < n; factor += 1) if (n % factor === 0) return false;
  return true;
}
