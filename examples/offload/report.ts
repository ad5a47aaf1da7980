/** The heavy part of the apps beside this file: it computes for as long as it likes, and blocks nobody. */
export default function report(request: Request): Response {
  const to = Number(new URL(request.url).searchParams.get('to') ?? 20_000);
  let count = 0;
  for (let n = 2; n <= to; n += 1) if (isPrime(n)) count += 1;
  return new Response(`${count} primes up to ${to}\n`);
}

/** Slow on purpose: tries every smaller number. */
function isPrime(n: number): boolean {
  for (let factor = 2; factor < n; factor += 1) if (n % factor === 0) return false;
  return true;
}
