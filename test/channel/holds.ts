import * as fc from 'fast-check';

/** Fixed, so that a failure is there again in the next run; fast-check prints it, with the path to the smallest counterexample. */
const SEED = 20_261;

/** Fails the test unless the property holds in all runs, 1000 if nothing else is said. */
export function holds<T>(property: fc.IProperty<T>, runs = 1000): void {
  fc.assert(property, { seed: SEED, numRuns: runs });
}

/** The same for a property that takes turns of the event loop. */
export async function holdsInTime<T>(property: fc.IAsyncProperty<T>, runs: number): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns: runs });
}
