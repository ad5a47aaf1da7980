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
