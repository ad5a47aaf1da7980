/** From milliseconds and numbers of long requests to places in the drawing. Pure. */

/** Powers of ten in ms that hold all values, and 1 ms to 1 s at least. */
export function decadesFor(values: readonly number[]): { readonly low: number; readonly high: number } {
  const known = values.filter((value) => value > 0);
  const low = Math.min(0, ...known.map((value) => Math.floor(Math.log10(value))));
  const high = Math.max(3, ...known.map((value) => Math.ceil(Math.log10(value))));
  return { low, high };
}

/** 0 at the bottom, 1 at the top. */
export function heightOf(ms: number, { low, high }: { readonly low: number; readonly high: number }): number {
  return (Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low);
}

/** Labels at these heights, in px, each as near as can be and none nearer to the next than `gap`; the order is kept. */
export function spread(places: readonly number[], gap: number, lowest: number): number[] {
  const sorted = places.map((place, index) => ({ place, index })).toSorted((one, other) => one.place - other.place);
  let before = Number.NEGATIVE_INFINITY;
  const down = sorted.map(({ place, index }) => {
    before = Math.max(place, before + gap);
    return { place: before, index };
  });
  // What was pushed out at the bottom goes up again, and takes those above along.
  let below = lowest + gap;
  const result: number[] = [];
  for (const { place, index } of down.toReversed()) {
    below = Math.min(place, below - gap);
    result[index] = below;
  }
  return result;
}
