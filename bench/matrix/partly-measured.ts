import type { Value } from './scenario.ts';

/** One round of a contender that can do some of it: what it did counts, and what it did not is told. */
export class PartlyMeasured extends Error {
  readonly values: readonly Value[];

  constructor(values: readonly Value[], faults: readonly string[]) {
    super(faults.join('; '));
    this.values = values;
  }
}
