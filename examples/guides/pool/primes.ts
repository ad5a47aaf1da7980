export function isPrime(n: number): boolean {
  for (let factor = 2; factor * factor <= n; factor += 1) if (n % factor === 0) return false;
  return n > 1;
}

/** Yields each one as soon as it is found. */
export async function* factors(n: number): AsyncGenerator<number> {
  for (let factor = 2; n > 1; factor += 1) {
    for (; n % factor === 0; n /= factor) yield factor;
  }
}

/** Takes a stream, as fast as it reads it. */
export async function countPrimes(numbers: AsyncIterable<number>): Promise<number> {
  let count = 0;
  for await (const n of numbers) if (isPrime(n)) count += 1;
  return count;
}

export function search(): never {
  for (;;);
}

/** Several streams, and what is known at once. */
export function sift(count: number): { count: number; primes: AsyncGenerator<number>; others: AsyncGenerator<number> } {
  return { count, primes: numbersThat(count, isPrime), others: numbersThat(count, (n) => !isPrime(n)) };
}

async function* numbersThat(most: number, holds: (n: number) => boolean): AsyncGenerator<number> {
  for (let n = 1; n <= most; n += 1) if (holds(n)) yield n;
}
