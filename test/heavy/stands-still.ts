import { until } from '../support/until.ts';

const STILL_POLLS = 40;
const HUNG_MS = 60_000;

/**
 * Waits until a number has not changed for some time, and resolves with it. On a slow machine this may be too early; so it
 * is for upper limits only, which then still hold.
 */
export async function standsStill(read: () => number, describe: string): Promise<number> {
  let last = Number.NaN;
  let same = 0;
  await until(
    () => {
      const now = read();
      same = now === last ? same + 1 : 0;
      last = now;
      return same >= STILL_POLLS;
    },
    { describe: () => `${describe} to stand still; it is ${last}`, withinMs: HUNG_MS },
  );
  return last;
}
