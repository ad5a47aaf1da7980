/** The value that the given percent of all are at most (nearest rank), as something that was really measured; NaN of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * By how much rounds of the same thing differ: the most over the least, of each figure with two rounds at least.
 * @param figures the rounds of each
 */
export function noiseAmong(figures: readonly (readonly number[])[]): readonly number[] {
  return figures.flatMap((rounds) => {
    const [least, most] = [Math.min(...rounds), Math.max(...rounds)];
    return rounds.length > 1 && least > 0 && Number.isFinite(most) ? [most / least] : [];
  });
}

/** A figure of several rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}
