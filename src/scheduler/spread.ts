/**
 * A limit for one of many workers: `limit` and up to 10 % more, so that not all of them are replaced at once. Different from
 * worker to worker, and the same in every run. 0 stays 0, which means no limit.
 */
export function spread(limit: number, worker: number): number {
  if (limit === 0) return 0;
  // Fibonacci hashing: neighbours land far from each other.
  const fraction = ((worker * 0x9e37_79b1) >>> 0) / 0x1_0000_0000;
  return limit + Math.floor(fraction * (limit / 10 + 1));
}
