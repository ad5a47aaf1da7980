/** How many requests a rate sends in a time: at least one. */
export function plannedCount(ratePerSecond: number, seconds: number): number {
  return Math.max(1, Math.floor(ratePerSecond * seconds));
}

/** When the request of an index is to be sent, whatever became of those before it. */
export function plannedMs(startMs: number, index: number, ratePerSecond: number): number {
  return startMs + (index * 1000) / ratePerSecond;
}
